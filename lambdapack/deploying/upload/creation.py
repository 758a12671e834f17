"""The one write that makes a function, and the question what became of it.

Where the answer is lost, or says that the function exists, what is there decides: it was made from our package, so it
was our own request, or it is somebody else's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lambdapack.deploying.aws.deadline import ROLE_TIME, Deadline
from lambdapack.deploying.aws.refusals import AlreadyExistsError, GarbledError, RoleNotReadyError, UnansweredError
from lambdapack.deploying.function.configuration import configuration_in, tell_environment
from lambdapack.deploying.function.names import LATEST, FunctionName
from lambdapack.deploying.function.session import Session, check_fields
from lambdapack.deploying.function.state import FunctionState, find_function, function_state
from lambdapack.deploying.function.versions import read_versions
from lambdapack.deploying.upload.package import (
    Image,
    Package,
    check_architecture,
    is_about_package,
    label,
    package_type,
)
from lambdapack.deploying.upload.transport import CodeLocation, check_reference
from lambdapack.deploying.upload.upload import Upload
from lambdapack.environment import Environment, check_environment
from lambdapack.errors import CheckError, LambdapackError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSettings:
    """What CreateFunction must know beside the code."""

    role: str
    """The ARN of the execution role."""
    handler: str | None = None
    """For a zip; an image has its own."""
    runtime: str | None = None
    """For a zip, too."""
    architecture: str | None = None
    """``x86_64`` or ``arm64``; None takes the artifact's, and where that is unknown Lambda's own, x86_64."""
    description: str | None = None
    memory: int | None = None
    """MiB."""
    function_timeout: int | None = None
    """Seconds that one invocation may take."""
    environment: Environment | None = None
    parameters: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Every other parameter of the request, under AWS's own name; those that it does not take are left alone."""


def create_function(upload: Upload, settings: CreateSettings, *, publish: bool = False) -> FunctionState:
    """Create the function, which was not there a moment ago, and return it as it is being set up.

    ``settings`` have passed ``check_settings``. Raises ``ConflictError`` where somebody else creates the function,
    ``AwsError`` where AWS refuses or fails.
    """
    parameters = _creation_parameters(upload, settings, upload.transport.stage())
    if publish:
        parameters["Publish"] = True
    else:
        parameters.pop("PublishTo", None)
    patience = Deadline.after(ROLE_TIME, clock=upload.deadline.clock)
    pause = upload.deadline.pauses()
    while True:
        trouble: LambdapackError
        try:
            answer = upload.lambda_api("CreateFunction", **parameters)
            function = function_state(answer, asked=upload.function)
            if is_about_package(function, upload.package):
                tell_environment(upload, configuration_in({"Configuration": answer}, asked=upload.function))
                return function
            trouble = GarbledError(
                f"Lambda answered with other code for {upload.name.name}", hint="look at the function"
            )
        except RoleNotReadyError:
            if not patience.remaining:
                raise
            pause(f"the role {settings.role} to reach Lambda")
            continue
        except (AlreadyExistsError, UnansweredError) as error:
            trouble = error
        # Created by our own first try, whose answer was lost, by somebody else, or not at all: what is there decides.
        found = find_function(upload)
        if found is None:
            raise trouble
        if not _is_made_from(found, upload.package, settings):
            raise exists(found) from trouble
        return found


def _creation_parameters(upload: Upload, settings: CreateSettings, location: CodeLocation) -> dict[str, object]:
    """Return the parameters of CreateFunction; what is None is left to Lambda's own defaults."""
    code = {} if isinstance(upload.package, Image) else upload.parameters.create_code
    check_reference(location, code)
    variables = settings.environment.reveal() if settings.environment else {}
    parameters: dict[str, object | None] = {
        "FunctionName": upload.function,
        "Role": settings.role,
        "Handler": settings.handler,
        "Runtime": settings.runtime,
        "Architectures": [_choose_architecture(settings, upload.package)],
        "Code": {**location.parameters, **code},
        "PackageType": package_type(upload.package),
        "Description": settings.description,
        "MemorySize": settings.memory,
        "Timeout": settings.function_timeout,
        "Environment": {"Variables": variables} if variables else None,
        **upload.parameters.create,
    }
    return {name: value for name, value in parameters.items() if value is not None}


def _is_made_from(function: FunctionState, package: Package, settings: CreateSettings) -> bool:
    same = function.image_uri == package.uri if isinstance(package, Image) else is_about_package(function, package)
    return same and function.handler == settings.handler and function.runtime == settings.runtime


def find_published_version(session: Session, function: FunctionState) -> str:
    """Return the version that the creation published; ``function`` is what was answered, or was found."""
    if function.version != LATEST:
        return function.version
    codes = read_versions(session).codes
    return max((number for number, code in codes.items() if code == function.code_sha256), key=int, default=LATEST)


def check_settings(settings: CreateSettings, package: Package) -> None:
    """Raise ``UsageError`` or ``CheckError`` where a function of that package cannot be created so."""
    check_fields(settings)
    check_architecture(settings.architecture)
    _choose_architecture(settings, package)
    given = {"handler": settings.handler, "runtime": settings.runtime}
    wrong = [name for name, value in given.items() if (value is None) != isinstance(package, Image)]
    if wrong and isinstance(package, Image):
        raise UsageError(
            f"a function of the image {label(package)} has no {' and no '.join(wrong)}",
            hint="leave it out: the image has its own; ImageConfig in the table aws overrides what it says",
        )
    if wrong:
        raise UsageError(
            f"a function of the zip {label(package)} needs a {' and a '.join(wrong)}",
            hint=f"add {', '.join(f'--{name}' for name in wrong)}, or say it in the configuration",
        )
    if settings.environment is not None:
        check_environment(settings.environment)


def _choose_architecture(settings: CreateSettings, package: Package) -> str:
    """Return the architecture of the new function; raises ``CheckError`` where the package is for another."""
    chosen = settings.architecture or package.architecture or "x86_64"
    if package.architecture not in (None, chosen):
        raise CheckError(
            f"the package is for {package.architecture}, but the function is to run on {chosen}",
            hint=f"build it for {chosen}, or create the function for {package.architecture}",
        )
    return chosen


def check_new_name(name: FunctionName) -> None:
    """Raise ``UsageError`` for the one thing that names of functions may hold except new ones."""
    # CreateFunction's pattern, as recorded, has "([a-zA-Z0-9-_]+)" where the others have "([a-zA-Z0-9-_\\.]+)".
    if "." in name.name:
        raise UsageError(f"{name.name} cannot be created: it holds a dot", hint="use letters, digits, '-' and '_'")


def exists(function: FunctionState) -> AlreadyExistsError:
    """Return the error for a name that is taken."""
    return AlreadyExistsError(
        f"the function {function.name} exists already", hint=f"update its code: lambdapack push {function.name}"
    )
