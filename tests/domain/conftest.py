"""How many examples hypothesis tries; a loaded machine is no reason to fail one."""

from hypothesis import settings

settings.register_profile("tillflow", deadline=None, max_examples=60)
settings.load_profile("tillflow")
