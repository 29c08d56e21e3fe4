"""The network lane in real worker processes: slow receivers, and a kill in mid-delivery."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from prompts.deliveries import send_ping
from prompts.flows.prompts import submit_prompt
from prompts.models import ApiKey, Delivery, DeliveryStatus, Prompt, PromptStatus, Team, User
from tests.factories import create_api_key, create_tune
from tests.processes import NewWorker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


class Receiver:
    """A receiver of callbacks that answers when it is let; `ids` are the messages that came."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/hook")
        self.host = f"localhost:{server.port}"
        self.ids: list[str] = []
        self.may_answer = threading.Event()
        server.expect_request("/hook").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.ids.append(request.headers["webhook-id"])
        self.may_answer.wait(60)
        return Response("ok")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with HTTPServer(host="localhost", port=0, threaded=True) as server:
        receiver = Receiver(server)
        yield receiver
        receiver.may_answer.set()


@pytest.fixture
def new_worker(receiver: Receiver, new_worker: NewWorker) -> NewWorker:
    """Starts workers that reach the receiver."""
    return partial(new_worker, FETCH_ALLOWED_HOSTS=receiver.host)


@pytest.fixture
def key(alice: User) -> ApiKey:
    return create_api_key(user=alice)[0]


def is_delivered(delivery: Delivery) -> Callable[[], bool]:
    rows = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.DELIVERED)
    return lambda: rows.all().exists()


def test_a_receiver_that_does_not_answer_holds_no_picture_up(
    team: Team, alice: User, key: ApiKey, receiver: Receiver, new_worker: NewWorker
) -> None:
    delivery = send_ping(key, receiver.url)
    new_worker()
    wait_until(lambda: len(receiver.ids) == 1, "the message to arrive")
    tune = create_tune(team=team, owner=alice, photos=4)
    prompt = submit_prompt(
        tune=tune, author=None, text="ohwx woman", parameters={"seed": 1}, num_images=1
    )
    completed = Prompt.objects.filter(pk=prompt.pk, status=PromptStatus.COMPLETED)
    wait_until(lambda: completed.all().exists(), "the prompt completed")
    assert not is_delivered(delivery)()
    receiver.may_answer.set()
    wait_until(is_delivered(delivery), "the message delivered")


def test_a_delivery_whose_worker_is_killed_is_sent_by_another_as_the_same_message(
    key: ApiKey, receiver: Receiver, new_worker: NewWorker
) -> None:
    delivery = send_ping(key, receiver.url)
    first = new_worker()
    wait_until(lambda: len(receiver.ids) == 1, "the message to arrive")
    first.kill()
    first.wait()
    assert not is_delivered(delivery)()
    receiver.may_answer.set()
    new_worker()
    wait_until(is_delivered(delivery), "the message delivered")
    assert receiver.ids == [delivery.message_id] * 2
    delivery.refresh_from_db()
    assert delivery.attempts == 2
