"""BLAS keeps one thread until the last caller has left."""

import scipy.linalg  # noqa: F401 - it brings a library of its own
from threadpoolctl import threadpool_info, threadpool_limits

from offing.estimators.one_thread import one_thread


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
