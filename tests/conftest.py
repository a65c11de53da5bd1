"""How much Hypothesis tries: choose with HYPOTHESIS_PROFILE=quick, default or thorough."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A test passes or fails for what it tests, never for how fast the machine is; and the same run gives the same verdict.
# Only `thorough` tries new examples every time.
_SLOW = [HealthCheck.too_slow]
settings.register_profile("quick", max_examples=20, deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile("default", max_examples=100, deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile("thorough", max_examples=2000, deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
