"""YAML as plain data: the safe loader, imported only when a YAML file is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml


def load_yaml(text: str) -> object:
    """Return what a YAML document holds; unknown tags become the plain data below them.

    Raises ``ValueError`` where the text is no YAML.
    """
    import yaml  # noqa: PLC0415  costs 15 ms and few runs need it

    loader = _loader()
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506  a subclass of the safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"no YAML: {str(error).splitlines()[0]}") from error


def _loader() -> type[yaml.SafeLoader]:
    import yaml  # noqa: PLC0415  see above

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class PlainLoader(base):
        """The safe loader, for which a tag it does not know means nothing."""

    def plain(loader: Any, _suffix: str, node: yaml.Node) -> object:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    PlainLoader.add_multi_constructor("", plain)
    return PlainLoader
