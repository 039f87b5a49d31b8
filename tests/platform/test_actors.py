"""Jobs as actors: supervised, retried once, cancelled, taken up again, stopped without loss."""

import io
import threading

import numpy as np
import pytest
from PIL import Image
from served import Negative, User, encoded, film, parts, pixels, server, until

from animestudy.platform import limits

MANY = limits.Limits(open_jobs=50, per_minute=1000)


def read(user, job):
    return np.asarray(Image.open(io.BytesIO(user.get(job["result"]["url"]).content)))


def test_a_job_whose_worker_dies_runs_once_more(tmp_path):
    worker = Negative()
    worker.deaths = 1
    held = parts(tmp_path, [worker])
    with server(held) as address, User(address) as user:
        image = pixels()
        job = user.ended(user.submit(encoded(image)))
        assert job["state"] == "done" and worker.starts == 2 and held.crew.lost == 1
        np.testing.assert_array_equal(read(user, job), 255 - image)


def test_and_then_fails_with_its_reason_while_others_go_on(tmp_path):
    worker = Negative()
    worker.deaths = 2
    with server(parts(tmp_path, [worker])) as address, User(address) as user:
        job = user.ended(user.submit(encoded(pixels())))
        assert job["state"] == "failed" and "twice" in job["error"]
        assert user.ended(user.submit(encoded(pixels())))["state"] == "done"


def test_a_child_that_dies_is_replaced_and_the_job_runs_once_more(tmp_path):
    worker = Negative()
    worker.gate.clear()
    held = parts(tmp_path, [worker])
    with server(held) as address, User(address) as user:
        id = user.submit(encoded(pixels()))
        job = until(lambda: (job := held.manager.jobs.get(id)) and job.child and worker.seen and job)
        job.child.process.kill()
        worker.gate.set()
        assert user.ended(id)["state"] == "done" and held.store.rows("1")[0].attempts == 2


def test_a_suspect_is_not_put_together_with_others(tmp_path):
    worker = Negative()
    worker.deaths = 1
    with server(parts(tmp_path, [worker], MANY)) as address, User(address) as user:
        worker.gate.clear()
        ids = [user.submit(encoded(pixels(seed=k))) for k in range(3)]
        until(lambda: len(worker.seen) == 1)
        worker.gate.set()
        assert [user.ended(id)["state"] for id in ids] == ["done"] * 3


def test_progress_and_time_left_of_a_clip(tmp_path):
    worker = Negative()
    with server(parts(tmp_path, [worker])) as address, User(address) as user:
        worker.gate.clear()
        id = user.submit(film(count=60))
        until(lambda: worker.seen)
        assert user.job(id)["progress"] == 0 and user.job(id)["seconds_left"] is None
        worker.gate.set()
        job = user.ended(id)
        assert job["state"] == "done" and (job["width"], job["height"]) == (64, 48)


def test_frames_of_a_clip_are_spread_over_the_workers(tmp_path):
    workers = [Negative(), Negative()]
    for one in workers:
        one.gate.clear()  # so that both have to take a part
    with server(parts(tmp_path, workers)) as address, User(address) as user:
        id = user.submit(film(count=40))
        until(lambda: all(one.seen for one in workers))
        for one in workers:
            one.gate.set()
        assert user.ended(id)["state"] == "done"
    assert sum(shape[0] for one in workers for message in one.seen for shape in message) == 40


def test_users_take_turns(tmp_path):
    worker = Negative()
    worker.gate.clear()
    held = parts(tmp_path, [worker], MANY)
    with server(held) as address, User(address) as busy, User(address) as other:
        ids = [busy.submit(encoded(pixels(20 + k))) for k in range(8)]
        mine = other.submit(encoded(pixels(50)))
        running = [job.row.id for job in held.manager.jobs.values() if job.row.state == "running"]
        assert running == ids[:3] and other.job(mine)["state"] == "queued"
        worker.gate.set()
        other.ended(mine)
        order = sorted([*ids, mine], key=lambda id: (busy if id in ids else other).ended(id)["expires"])
        assert order.index(mine) < 5


def test_a_stop_finishes_what_it_can_and_keeps_the_rest(tmp_path):
    worker = Negative()
    held = parts(tmp_path, [worker], MANY)
    held.grace = 0.5
    with server(held) as address, User(address) as user:
        token = user.cookies["animestudy"]
        done = user.submit(encoded(pixels()))
        user.ended(done)
        worker.gate.clear()
        images = [pixels(seed=k) for k in range(6)]
        ids = [user.submit(encoded(image)) for image in images]
        until(lambda: len(worker.seen) == 2)
    with server(parts(tmp_path, [Negative()], MANY)) as address, User(address) as user:
        user.cookies.clear()
        user.cookies.set("animestudy", token)
        assert user.job(done)["state"] == "done"
        for id, image in zip(ids, images, strict=True):
            job = user.ended(id)
            assert job["state"] == "done", job
            np.testing.assert_array_equal(read(user, job), 255 - image)


def test_a_stop_ends_open_streams(tmp_path):
    worker = Negative()
    worker.gate.clear()
    held = parts(tmp_path, [worker])
    held.grace = 0.2
    heard = []

    def listen(user, id):
        with user.stream("GET", f"/api/jobs/{id}/events") as news:
            heard.extend(news.iter_lines())
        heard.append("the end")

    with server(held) as address, User(address) as user, User(address) as other:
        other.cookies = user.cookies
        thread = threading.Thread(target=listen, args=[other, user.submit(encoded(pixels()))])
        thread.start()
        until(lambda: held.streams)
        held.stop()
        thread.join(10)
    assert heard[0] == "event: job" and heard[-1] == "the end"


def test_no_job_runs_for_ever(tmp_path):
    worker = Negative()
    worker.gate.clear()
    with server(parts(tmp_path, [worker], limits.Limits(attempt_s=1))) as address, User(address) as user:
        job = user.ended(user.submit(encoded(pixels())))
        assert job["state"] == "failed" and "too long" in job["error"]
        worker.gate.set()
        assert user.ended(user.submit(encoded(pixels())))["state"] == "done"


@pytest.mark.parametrize("model", ["scene", "portrait"])
def test_frames_that_a_network_refuses_fail_the_job(tmp_path, model):
    worker = Negative()
    worker.convert = lambda model, chunks: (["RuntimeError: /secret"] * len(chunks), 0.0)
    with server(parts(tmp_path, [worker])) as address, User(address) as user:
        job = user.ended(user.submit(encoded(pixels()), model=model))
        assert job["state"] == "failed" and "secret" not in job["error"]
