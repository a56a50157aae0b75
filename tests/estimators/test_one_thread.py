"""BLAS keeps one thread until the last caller has left."""

from concurrent.futures import ThreadPoolExecutor

import scipy.linalg  # noqa: F401 - it brings a library of its own
from threadpoolctl import threadpool_info, threadpool_limits

from offing.estimators import one_thread


def threads() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_the_first_to_leave_does_not_put_the_limit_back() -> None:
    with threadpool_limits(limits=2, user_api="blas"):
        first, second = one_thread(), one_thread()
        first.__enter__()
        second.__enter__()
        assert threads() == {1}
        first.__exit__(None, None, None)
        assert threads() == {1}, "the second is still at work"
        second.__exit__(None, None, None)
        assert threads() == {2}


def test_any_thread_sets_the_limit_and_puts_it_back() -> None:
    """A server answers in threads of its own; it was the first thread alone that was heard."""

    def inside() -> set[int]:
        with one_thread():
            return threads()

    with threadpool_limits(limits=2, user_api="blas"):
        assert inside() == {1}
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(inside).result() == {1}
        assert threads() == {2}
