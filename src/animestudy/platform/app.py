"""The platform's HTTP side: what can be asked, and how it is answered."""

import asyncio
import contextlib
import datetime
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from animestudy.platform import accept, limits, logs, reference
from animestudy.platform.actors import Job
from animestudy.platform.guard import Guard
from animestudy.platform.intake import Declined
from animestudy.platform.parts import Platform
from animestudy.platform.store import ENDED, OPEN, Row

PAGE = Path(__file__).with_name("page")
TICK = 1.0  # seconds after which a stream looks again: the time left changes by itself
HEARTBEAT = 15.0  # seconds after which a stream says that it is alive
SWEEP = 20.0  # seconds between two looks for what has expired
SMALL = 1_000_000  # bytes of a result that are read at once


class Result(BaseModel):
    """What can be fetched."""

    url: str
    type: str
    bytes: int


class JobOut(BaseModel):
    """A job, as its owner sees it."""

    id: str
    name: str
    kind: Literal["picture", "clip"]
    model: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: float
    seconds_left: float | None
    error: str | None
    created: str
    expires: str | None
    width: int | None
    height: int | None
    result: Result | None


class JobsOut(BaseModel):
    """All jobs of the session, newest first."""

    jobs: list[JobOut]


class LimitsOut(BaseModel):
    """What may be sent."""

    picture_bytes: int
    clip_bytes: int
    pixels: int
    frame_pixels: int
    seconds: int
    longest: int
    clip_longest: int
    open_jobs: int
    per_minute: int
    stored_bytes: int
    expires_after_s: int
    types: list[str]
    models: list[str]


class Health(BaseModel):
    """Whether jobs are converted."""

    state: Literal["ok", "starting", "stopping"]
    workers: int
    ready: int
    open_jobs: int


class Fault(BaseModel):
    """Why not."""

    error: str


def faults(*codes: int) -> dict[int | str, dict]:
    """Statuses of the OpenAPI description."""
    words = {400: "not a request", 403: "no session, or another site", 404: "no such job of yours",
             408: "the upload stopped", 413: "too large", 415: "not accepted", 429: "too much at once",
             503: "stopping"}  # fmt: skip
    return {code: {"model": Fault, "description": words[code]} for code in (400, *codes)}


def create(platform: Platform) -> FastAPI:
    """The application of a platform."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        platform.manager.start()
        sweeper = asyncio.create_task(sweep(platform))
        yield
        sweeper.cancel()
        await platform.manager.close(platform.grace)
        platform.store.close()

    app = FastAPI(
        title="animestudy platform", version="1", lifespan=life,
        docs_url=None, redoc_url=None, openapi_url="/api/openapi.json", redirect_slashes=False,
        description="Submit a picture or a clip, follow its job, fetch the drawing. A session cookie binds "
        "jobs to their user; it is set by the first GET.",
    )  # fmt: skip
    app.state.platform = platform
    app.include_router(jobs)
    app.include_router(about)
    app.mount("/page", StaticFiles(directory=PAGE), name="page")
    app.add_exception_handler(
        HTTPException,
        lambda _, error: fault(error.status_code, PLAIN.get(error.status_code, error.detail), error.headers),
    )
    app.add_exception_handler(Declined, lambda _, error: fault(error.status, error.words, error.headers))
    app.add_exception_handler(
        RequestValidationError, lambda *_: fault(400, "The request makes no sense here.")
    )
    app.add_exception_handler(Exception, lambda *_: fault(500, "Something went wrong here; try again."))
    app.add_middleware(Guard, sessions=platform.sessions, names=platform.names)
    app.add_middleware(logs.Access, counted=platform.metrics.requests)
    return app


PLAIN = {404: "There is nothing here.", 405: "That cannot be done here."}  # where the framework says less


def fault(status: int, words: str, headers: dict | None = None) -> JSONResponse:
    """An error, in one sentence."""
    return JSONResponse({"error": words}, status, headers)


def platform(request: Request) -> Platform:
    """The platform behind a request."""
    return request.app.state.platform


def owned(request: Request, id: str) -> Row:
    """A job of the one who asks; everybody else's is not there."""
    row = platform(request).store.find(id, request.state.user)
    if row is None or (row.expires or float("inf")) < time.time():
        raise Declined(404, "There is no such job.")
    return row


def moment(seconds: float | None) -> str | None:
    """A time as ISO 8601, UTC."""
    if seconds is None:
        return None
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="milliseconds")


def shown(held: Platform, row: Row) -> JobOut:
    """A job for its owner."""
    job = held.manager.jobs.get(row.id) or Job(row)
    row = job.row
    result = Result(url=f"/api/jobs/{row.id}/result", type=row.type, bytes=row.bytes) if row.bytes else None
    return JobOut(
        id=row.id, name=row.name, kind=row.kind, model=row.model, state=row.state,
        progress=round(job.progress, 4), seconds_left=job.seconds_left, error=row.error,
        created=moment(row.created), expires=moment(row.expires), width=row.width, height=row.height,
        result=result,
    )  # fmt: skip


jobs = APIRouter(prefix="/api/jobs", tags=["jobs"])
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "model"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "minLength": 1},
                        "model": {"type": "string", "enum": ["scene", "portrait"]},
                    },
                }
            }
        },
    }
}


@jobs.post("", status_code=202, responses=faults(403, 408, 413, 415, 429, 503), openapi_extra=FORM)
async def submit(request: Request, response: Response) -> JobOut:
    """Submit a picture or a clip."""
    held = platform(request)
    job = await accept.submission(held, request)
    response.headers["location"] = f"/api/jobs/{job.row.id}"
    return shown(held, job.row)


@jobs.get("", responses=faults())
async def all_jobs(request: Request) -> JobsOut:
    """Your jobs, newest first."""
    held, now = platform(request), time.time()
    rows = held.store.of(request.state.user)
    return JobsOut(jobs=[shown(held, row) for row in rows if (row.expires or now) >= now])


@jobs.get("/{id}", responses=faults(404))
async def one_job(request: Request, id: str) -> JobOut:
    """One job."""
    return shown(platform(request), owned(request, id))


class Events(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


NEWS = {
    "type": "object",
    "properties": {
        "event": {"const": "job"},
        "data": {"type": "string", "contentMediaType": "application/json",
                 "contentSchema": {"$ref": "#/components/schemas/JobOut"}},
    },
}  # fmt: skip


@jobs.get(
    "/{id}/events",
    response_class=Response,
    responses=faults(404, 429)
    | {200: {"content": {"text/event-stream": {"schema": NEWS}}, "description": "until the job has ended"}},
)
async def events(request: Request, id: str) -> Response:
    """A job's news, as server-sent events named `job`, until it has ended."""
    return streamed(platform(request), request.state.user, owned(request, id).id)


def streamed(held: Platform, user: str, id: str) -> Response:
    """An open connection that tells what happens to a job."""
    if held.streams[user] >= held.limits.streams:
        raise Declined(429, "Too many connections of yours are open.", wait=5)

    async def lines() -> AsyncIterator[str]:
        held.streams[user] += 1
        said, quiet = "", 0.0
        try:
            while row := held.store.find(id, user):
                job = held.manager.jobs.get(id)
                change = job and job.change  # taken now: what happens while this is sent is not missed
                out = shown(held, row)
                if (now := out.model_dump_json()) != said:
                    said, quiet = now, 0.0
                    yield f"event: job\ndata: {said}\n\n"
                elif quiet >= HEARTBEAT:
                    quiet = 0.0
                    yield ": waiting\n\n"
                if job is None or out.state in ENDED or held.manager.closing:
                    return
                quiet += TICK
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(TICK):
                        await change.wait()
        finally:
            held.streams[user] -= 1
            if not held.streams[user]:
                del held.streams[user]

    return Events(lines())


DRAWINGS = {kind: {} for kind in limits.ENDINGS}


@jobs.get(
    "/{id}/result",
    response_class=FileResponse,
    responses=faults(404) | {200: {"content": DRAWINGS, "description": "the drawing"}},
)
async def result(request: Request, id: str, download: int = 0) -> Response:
    """The drawing; with `download=1` to be saved under a name."""
    row = owned(request, id)
    file = platform(request).store.place(id) / "result"
    if row.state != "done" or file.is_symlink() or not file.is_file():
        raise Declined(404, "This job has no result.")
    if row.bytes <= SMALL and not download and "range" not in request.headers:
        return Response(file.read_bytes(), media_type=row.type)  # without the threads of a FileResponse
    name = f"{Path(row.name).stem or 'drawing'}-{row.model}{limits.ENDINGS[row.type]}"
    return FileResponse(file, media_type=row.type, filename=name if download else None)


@jobs.delete(
    "/{id}",
    status_code=204,
    responses={200: {"model": JobOut, "description": "cancelled"}} | faults(403, 404),
)
async def delete(request: Request, id: str) -> Response:
    """Cancel an open job (200), or remove one that has ended, with its result (204)."""
    held, row = platform(request), owned(request, id)
    if row.state in OPEN:
        held.manager.cancel(id)
        return JSONResponse(shown(held, held.store.find(id, request.state.user)).model_dump())
    held.store.remove(id)
    logs.say("job removed", job=id)
    return Response(status_code=204)


about = APIRouter(tags=["about"])


@about.get("/", include_in_schema=False)
async def page() -> FileResponse:
    """The page."""
    return FileResponse(PAGE / "index.html")


@about.get("/api/limits", responses=faults())
async def limits_now(request: Request) -> LimitsOut:
    """What may be sent, and how much."""
    held = platform(request)
    return LimitsOut(**vars(held.limits), types=list(limits.MEDIA), models=list(held.models))


@about.get("/api/health", responses=faults())
async def health(request: Request) -> Health:
    """Whether jobs are converted."""
    held = platform(request)
    ready = held.crew.ready
    state = "stopping" if held.manager.closing else "ok" if ready else "starting"
    return Health(state=state, workers=len(held.crew.members), ready=ready, open_jobs=len(held.manager.jobs))


@about.get("/api/metrics", response_class=Response, responses=faults())
async def metrics(request: Request) -> Response:
    """Counters, for Prometheus."""
    held = platform(request)
    return Response(
        held.metrics.text(held.store, held.crew), media_type="text/plain; version=0.0.4; charset=utf-8"
    )


@about.get("/api/docs", response_class=HTMLResponse, include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """This interface, in words."""
    return HTMLResponse(reference.page(request.app.openapi()))


async def sweep(held: Platform) -> None:
    """Delete what has expired, for ever."""
    while True:
        for row in held.store.expired():
            held.store.remove(row.id)
            logs.say("job expired", job=row.id)
        held.rate.sweep()
        await asyncio.sleep(SWEEP)
