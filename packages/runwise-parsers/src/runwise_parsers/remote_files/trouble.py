"""What can go wrong with a store, and what to do about each, whichever library speaks to it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from runwise_parsers.remote import RemoteError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.remote_files.place import Place

NEEDS = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "hf": "huggingface_hub"}
"""By scheme, the distribution that reads such a store."""
_LOGINS = {
    "s3": "Set AWS_PROFILE, or FSSPEC_S3_ANON=true if it is public.",
    "gs": "Run: gcloud auth application-default login",
    "hf": "Run hf auth login, or set HF_TOKEN.",
    "http": "Put user:password@ before the host, or use a signed URL.",
}
_SAME = {"s3a": "s3", "gcs": "gs", "https": "http", "memory": "http"}
_SHOWN = 80
_STATUSES = {
    401: "wants a login for",
    403: "does not let us read",
    404: "does not have",
    429: "takes no more questions for now, not for",
    500: "failed on",
    502: "cannot be reached behind its proxy for",
    503: "is not available for",
    504: "did not answer its proxy in time for",
}


def missing_package(place: Place) -> RemoteError:
    """Return the error of a store for which nothing is installed that reads it."""
    package = NEEDS.get(place.scheme, "'fsspec[http]'")
    both = f" fsspec {package}" if package in NEEDS.values() else f" {package}"
    return RemoteError(
        f"{place.scheme}:// needs the extra [remote], which is not all installed",
        f"Run: pip install{both}",
    )


def explained(place: Place, error: BaseException, timeout: float) -> Exception:
    """Return what an error of a library means: ``LookupError`` where nothing is there."""
    causes = list(_causes(error))
    status = next((found for one in causes if (found := _status(one))), 0)
    kinds = {kind.__name__ for one in causes for kind in type(one).__mro__}
    login = _LOGINS[_SAME.get(place.scheme, place.scheme)]
    if kinds & {"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"}:
        return RemoteError(f"no login is known for {place}", login)
    if any(isinstance(one, (TimeoutError, asyncio.TimeoutError)) for one in causes) or (
        kinds & {"ReadTimeoutError", "ConnectTimeoutError", "FSTimeoutError"}
    ):
        return RemoteError(
            f"the store did not answer within {timeout:g} s: {place}",
            "Ask again later; check VPN, proxy and firewall.",
        )
    if kinds & {"ClientConnectorError", "EndpointConnectionError", "ConnectionRefusedError"}:
        return RemoteError(f"nothing answers at {place}", "Check the address, and the network.")
    if kinds & {
        "ClientPayloadError",
        "ServerDisconnectedError",
        "ConnectionError",
        "HTTPException",
    }:
        return RemoteError(f"the store broke off in the middle of {place}", "Ask again.")
    if status in (401, 403) or (not status and "PermissionError" in kinds):
        return RemoteError(
            f"the store {_STATUSES[status or 403]} {place} ({status or 403})", login
        )
    if status == 404:
        return LookupError(f"there is no {place}")
    if status:
        what = _STATUSES.get(status, "answered with an error for")
        return RemoteError(f"the store {what} {place} ({status})", "Wait a minute, and ask again.")
    if "FileNotFoundError" in kinds:
        return LookupError(f"there is no {place}")
    # The text of a library may hold the URL, and with it a signature.
    said = str(error) if not (place.query or place.login) else ""
    return RemoteError(f"{place} cannot be read: {said[:_SHOWN] or type(error).__name__}", login)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    met: set[int] = set()
    while error is not None and id(error) not in met:
        met.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _status(error: BaseException) -> int:
    """Return the status of HTTP that an error of some library tells, 0 where it tells none."""
    answer: object = getattr(error, "response", None)
    if isinstance(answer, dict):  # that of botocore
        meta = cast("dict[str, dict[str, object]]", answer).get("ResponseMetadata", {})
        status: object = meta.get("HTTPStatusCode")
    else:
        known = (getattr(error, name, None) for name in ("status", "code"))
        found = getattr(answer, "status_code", None)
        status = found or next((one for one in known if isinstance(one, int)), None)
    return status if isinstance(status, int) and 400 <= status < 600 else 0
