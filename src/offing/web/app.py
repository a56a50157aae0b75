"""The application: every page's addresses, its JSON twin and its tables, with errors as pages."""

import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Scope

from offing.report.paper import png, standing_svg
from offing.terms.errors import MissingDataError, OffingError, StorageError, refused_by_disk
from offing.terms.messages import LANGUAGES, Language, named_by, typing_options, using_language
from offing.web import rendering
from offing.web.asking import PageNames
from offing.web.guard import COOKIE, DAYS, SAFE, Guard, RateLimiter, RefusedError, Session
from offing.web.page import Goto, Page, Show, Shown, View, Visit, status_of
from offing.web.pages import pages
from offing.web.settings import Settings
from offing.web.uploads import must_be_readable
from offing.web.workbench import Workbench

LANG = "offing_lang"
YEAR = 31_536_000
OWN_THREADS = 3
"""Of one user for what they send to be looked at, and for changes and the pages that wait for
them: those of others go on."""
log = logging.getLogger("offing.web")


def create_app(settings: Settings) -> FastAPI:
    """The workbench as an ASGI application."""
    workbench = Workbench(settings)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        yield
        workbench.jobs.stop_all()

    app = FastAPI(
        title="offing",
        docs_url=None,  # its page asks another host for its script
        redoc_url=None,
        openapi_url=None,
        lifespan=living,
        middleware=[
            Middleware(Guard, settings=settings, refuse=_refusal),
            Middleware(GZipMiddleware, minimum_size=500, compresslevel=5),
        ],
    )
    app.state.workbench = workbench
    door = Router(workbench)
    for page in pages():
        for address, method, answer in door.addresses(page):
            methods = [*SAFE] if method == "GET" else [method]
            app.add_api_route(address, answer, methods=methods, include_in_schema=False)
    app.add_api_route("/static/{name}", _static, methods=[*SAFE], include_in_schema=False)
    app.add_exception_handler(HTTPException, _http_error)
    return app


class Router:
    """Turns requests into visits, and what pages show into responses."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._threads = defaultdict[tuple[str, str], CapacityLimiter](
            lambda: CapacityLimiter(OWN_THREADS)
        )
        self._limits = limits = workbench.settings.limits
        self._wrong = RateLimiter(limits.wrong_tokens, limits.wrong_tokens / 60)

    def addresses(self, page: Page) -> list[tuple[str, str, Callable[..., Any]]]:
        """Address, method and answer of all that a page has."""
        routes = [
            (page.address, "GET", self._answer(page, page.show, _as_page)),
            (f"/{page.name}.json", "GET", self._answer(page, page.show, _as_json)),
            (f"/{page.name}.csv", "GET", self._answer(page, page.show, _as_csv)),
            (f"/{page.name}.chart", "GET", self._answer(page, page.show, _as_picture)),
        ]
        for name, show in page.parts.items():
            routes.append((f"/{page.name}/{name}", "GET", self._answer(page, show, _as_page)))
        for name, change in page.changes.items():
            answer = self._answer(page, change, _as_page, changes=True)
            routes.append((f"/{page.name}/{name}", "POST", answer))
        return routes

    def _answer(
        self,
        page: Page,
        show: Show,
        render: Callable[[View, Visit], Response],
        *,
        changes: bool = False,
    ) -> Callable[..., Any]:
        async def answer(request: Request) -> Response:
            as_json = render is _as_json
            with using_language(_language(request)), typing_options():
                try:
                    visit, opened = await self._visit(request, page, changes=changes)
                    with named_by(PageNames(visit)):
                        response = await self._show_page(show, render, visit)
                except OffingError as error:
                    return _error(error, request, as_json=as_json, tidy=self._workbench.tidy)
                except ClientDisconnect:
                    return Response(status_code=400)  # nobody reads it
                except HTTPException:  # a form that is none
                    return _error(RefusedError("web.foreign_form", 400), request)
                except OSError as error:
                    refused = StorageError("web.system_refused", reason=refused_by_disk(error))
                    return _error(refused, request, as_json=as_json)
                except Exception as error:
                    return _fault(request, error)
                finally:
                    await request.close()  # the files that were sent
                self._keep(request, response, opened)
                return response

        return answer

    async def _show_page(
        self, show: Show, render: Callable[[View, Visit], Response], visit: Visit
    ) -> Response:
        """What a page shows. Who may wait for files waits in threads of their own user's."""
        for sent in visit.form.values():
            if isinstance(sent, UploadFile):
                looking = self._threads[visit.user, "look"]
                await to_thread.run_sync(must_be_readable, sent, self._limits, limiter=looking)
        alone = visit.page.replaces_files or show in visit.page.changes.values()
        own = self._threads[visit.user, "alone"] if alone else None
        return await to_thread.run_sync(_show_page, show, render, visit, alone, limiter=own)

    async def _visit(
        self, request: Request, page: Page, *, changes: bool
    ) -> tuple[Visit, Session | None]:
        """The visit, and its session where its cookie must be set.

        Raises:
            RefusedError: who asks has no session, or a form is not ours.
            MissingDataError: the study is none of theirs.
        """
        workbench = self._workbench
        client = request.client.host if request.client else ""
        session, opened = self._session(request, client)
        form = FormData()
        if changes:
            ours = opened is None  # a form of ours came with the cookie of its page
            form = await request.form(max_files=page.files, max_fields=500) if ours else form
            if not workbench.sessions.form_is_ours(session, _text(form.get("csrf"))):
                raise RefusedError("web.foreign_form", 403)
        name, studies = (
            _text(form.get("study")) or request.query_params.get("study"),
            workbench.studies,
        )
        if name is None and not changes:
            place = studies.meant(session.user, needed=page.needs_study)
        else:
            place = studies.named(session.user, name) if name else None
        if page.needs_study and place is None:
            raise MissingDataError("web.which_study")
        query = request.query_params
        return Visit(workbench, session, client, page, query, form, place), opened

    def _session(self, request: Request, client: str) -> tuple[Session, Session | None]:
        """Whose request it is, and their session where its cookie must be set."""
        cookie = request.cookies.get(COOKIE)
        if token := request.query_params.get("token"):
            opened = self._open_session(token, client)
            return opened, opened
        session = self._workbench.sessions.session_of_cookie(cookie)
        if session is None:
            raise RefusedError("web.no_session", 401)
        return session, session if cookie is None or session.mark not in cookie else None

    def _open_session(self, token: str, client: str) -> Session:
        """The session that a token opens; guessing is slow."""
        session = self._workbench.sessions.session_of_token(token)
        if session is None:
            if not self._wrong.takes(client):
                raise RefusedError("web.too_many", 429)
            raise RefusedError("web.no_session", 401)
        return session

    def _keep(self, request: Request, response: Response, opened: Session | None) -> None:
        """Set the cookies of session and language."""
        secure = request.url.scheme == "https"
        if opened is not None:
            value, age = self._workbench.sessions.cookie(opened), DAYS * 86_400
            response.set_cookie(
                COOKIE, value, max_age=age, httponly=True, samesite="lax", secure=secure
            )
        if (chosen := request.query_params.get("lang")) in LANGUAGES:
            response.set_cookie(LANG, chosen, max_age=YEAR, samesite="lax", secure=secure)


def _text(value: object) -> str:
    """A field of a form that should be text."""
    return value if isinstance(value, str) else ""


def _show_page(
    show: Show, render: Callable[[View, Visit], Response], visit: Visit, alone: bool
) -> Response:
    if "token" in visit.query:  # not to stay in the address
        rest = {k: v for k, v in visit.query.items() if k not in ("token", "study")}
        return RedirectResponse(visit.link(visit.page.name, **rest), 303)
    with visit.workbench.turns.of(visit.user) if alone else nullcontext():
        try:
            shown: Shown = show(visit)
        except OffingError as error:
            if visit.page.refused is None or show not in visit.page.changes.values():
                raise
            shown = visit.page.refused(visit, error)
    if isinstance(shown, Goto):
        return RedirectResponse(visit.link(shown.page, **shown.query), 303)
    if isinstance(shown, Mapping):
        return JSONResponse(dict(shown))
    if isinstance(shown, Response):
        return shown
    if shown.error is not None and render is not _as_page:
        raise shown.error
    return render(shown, visit)


def _as_page(view: View, visit: Visit) -> Response:
    return HTMLResponse(rendering.html(view, visit), view.status)


def _as_json(view: View, visit: Visit) -> Response:
    return JSONResponse(rendering.twin(view, visit))


def _as_csv(view: View, visit: Visit) -> Response:
    name = visit.value("table")
    content = rendering.table_as_csv(view, name, visit.workbench.tidy)
    return _attach(content, visit, f"{name}.csv", "text/csv; charset=utf-8")


def _as_picture(view: View, visit: Visit) -> Response:
    svg = rendering.chart_of(view, name := visit.value("figure"))
    if visit.value("as") == "png":
        return _attach(png(svg), visit, f"{name}.png", "image/png")
    return _attach(standing_svg(svg), visit, f"{name}.svg", "image/svg+xml")


def _attach(content: str | bytes, visit: Visit, name: str, kind: str) -> Response:
    """A part of a page as a file of its own."""
    file = f"{visit.page.name}-{name}".encode("ascii", "ignore").decode()
    headers = {"content-disposition": f'attachment; filename="{file}"'}
    return Response(content, media_type=kind, headers=headers)


def _language(request: Request) -> Language:
    """Asked for in the address, kept in the cookie, the workbench's, what the browser prefers."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(LANG)):
        for ours in LANGUAGES:
            if chosen == ours:
                return ours
    preset: Language | None = request.app.state.workbench.settings.lang
    return preset or _preferred_language(request.headers.get("accept-language", ""))


def _preferred_language(header: str) -> Language:
    """The first of our languages in ``Accept-Language``, which browsers order by weight.

    >>> _preferred_language("fr, zh-CN;q=0.8, en;q=0.5")
    'zh'
    """
    named = [choice.strip()[:2].lower() for choice in header.split(",")]
    return next((ours for name in named for ours in LANGUAGES if name == ours), "en")


def _error(
    error: OffingError, request: Request, *, as_json: bool = False, tidy: rendering.Tidy = str
) -> Response:
    status = status_of(error)
    if as_json or request.url.path.endswith(".json"):
        return JSONResponse(rendering.error_data(error, tidy), status)
    onward = f"?{request.url.query}" if error.key == "web.foreign_page" else None
    return HTMLResponse(rendering.error_page(error, tidy, onward), status)


def _refusal(scope: Scope, error: OffingError) -> ASGIApp:
    request = Request(scope)
    with using_language(_language(request)), typing_options():
        return _error(error, request)


async def _http_error(request: Request, error: Exception) -> Response:
    """An address that is none, or a method that it has not."""
    status = error.status_code if isinstance(error, HTTPException) else 400
    with using_language(_language(request)), typing_options():
        response = _error(RefusedError("web.no_page", status), request)
    response.headers.update(getattr(error, "headers", None) or {})  # 405 says what is allowed
    return response


def _fault(request: Request, error: Exception) -> Response:
    """A fault of ours: a page without its inside, which goes to the log."""
    log.error("fault at %s", request.url.path, exc_info=error)
    return HTMLResponse(rendering.error_page(None), 500)


async def _static(name: str, request: Request) -> Response:
    """A file of ours: for ever under the address that has its stamp, else asked for each time."""
    if name not in rendering.STATIC:
        raise HTTPException(404)
    kind = rendering.TYPES[name.rpartition(".")[2]]
    sign = f'W/"{rendering.stamp(name)}"'
    stamped = request.query_params.get("v") == rendering.stamp(name)
    lasting = f"public, max-age={YEAR}, immutable" if stamped else "no-cache"
    headers = {"cache-control": lasting, "etag": sign}
    if sign in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(rendering.static_file(name), media_type=kind, headers=headers)
