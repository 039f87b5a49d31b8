"""Both engines, by the same tests: true workers with a network, and what happens when one is killed."""

import io
import os
import signal
import threading

import numpy as np
import pytest
from PIL import Image
from served import User, encoded, film, parts, pixels, server, until

from animestudy.platform.engines import Crew, Failed, Lost


def crash(engine, worker):
    """Kill a worker from outside."""
    if engine == "local":
        os.kill(worker.process.pid, signal.SIGKILL)
    else:
        import ray

        ray.kill(worker.actor)


def test_a_crew_converts_as_the_library_does_and_survives_losses(engine, drawn):
    crew = Crew(engine(2))
    crew.start()
    try:
        until(lambda: crew.ready == 2, 90)
        frames = np.stack([pixels(33, 47, seed=k) for k in range(9)])
        wanted = drawn(frames)
        np.testing.assert_array_equal(crew.convert("a", "scene", frames), wanted)
        assert crew.chunks == 2  # spread over both

        answers = {}
        threads = [
            threading.Thread(
                target=lambda k=k: answers.update({k: crew.convert(f"j{k}", "scene", frames[k : k + 1])})
            )
            for k in range(9)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        for k in range(9):
            np.testing.assert_array_equal(answers[k], wanted[k : k + 1])

        with pytest.raises(Failed, match="KeyError"):
            crew.convert("a", "nonsense", frames)

        long = np.stack([pixels(256, 256)] * 60)
        caught = []

        def convert():
            try:
                crew.convert("long", "scene", long)
            except Lost as error:
                caught.append(error)

        thread = threading.Thread(target=convert)
        before = crew.batches
        thread.start()
        until(lambda: crew.batches > before + 1)
        crash(engine.engine, crew.members[0])
        thread.join(60)
        assert caught
        until(lambda: crew.lost == 1 and crew.ready == 2, 90)
        np.testing.assert_array_equal(crew.convert("a", "scene", frames), wanted)
    finally:
        crew.stop()


def test_pictures_and_clips_through_the_whole_platform(engine, drawn, tmp_path):
    held = parts(tmp_path, engine(2), models=["scene"])
    with server(held) as address, User(address) as user:
        image = pixels(64, 48)
        ids = [user.submit(encoded(image)), user.submit(film(count=30))]
        picture, clip = (user.ended(id, 120) for id in ids)
        got = np.asarray(Image.open(io.BytesIO(user.get(picture["result"]["url"]).content)))
        np.testing.assert_array_equal(got, drawn(image[None])[0])
        assert (clip["state"], clip["result"]["type"]) == ("done", "video/mp4")

        id = user.submit(film(count=100, height=240, width=320))
        until(lambda: user.job(id)["progress"] > 0.05)
        crash(engine.engine, held.crew.members[1])
        assert user.ended(id, 120)["state"] == "done"
        assert [row.attempts for row in held.store.rows("id=?", id)] == [2]
