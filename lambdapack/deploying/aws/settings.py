"""botocore's sessions: with the user's own settings, or for the emulator with none of them. No request is made."""

import os
from functools import cache
from typing import Any

_EMULATOR_REGION = "us-east-1"


def users_session(profile: str | None) -> Any:  # noqa: ANN401 - botocore has no types
    """Return botocore's session with the user's own configuration."""
    import botocore.session  # noqa: PLC0415

    # key of the profile, environment variables, default, conversion. The AWS CLI and the other
    # SDKs read AWS_REGION; botocore left alone reads AWS_DEFAULT_REGION only.
    region = ("region", ["AWS_REGION", "AWS_DEFAULT_REGION"], None, None)
    return botocore.session.Session(profile=profile, session_vars={"region": region})


def emulator_session() -> Any:  # noqa: ANN401 - botocore has no types
    """Return a botocore session that needs nothing of the user's, and so is not troubled by anything there."""
    import botocore.session  # noqa: PLC0415

    session = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
            "region": (None, None, _EMULATOR_REGION, None),
            "ca_bundle": (None, None, None, None),
        }
    )
    session.set_credentials("emulator", "emulator")
    return session


@cache
def boto3_session(session: Any) -> Any:  # noqa: ANN401 - neither has types
    """Return boto3's session over one of botocore's: only one, for boto3 adds methods and refuses to add them twice."""
    import boto3.session  # noqa: PLC0415

    return boto3.session.Session(botocore_session=session)
