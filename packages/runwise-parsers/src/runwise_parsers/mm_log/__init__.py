"""OpenMMLab's trainers: what their JSON logs mean by a step, and what lies beside them."""
