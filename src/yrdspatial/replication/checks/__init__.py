"""The checks: one short function a claim or family, each naming its claims."""
