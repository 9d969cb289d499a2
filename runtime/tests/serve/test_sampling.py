"""The choice of the next token."""

import torch

from slipway_runtime.engine.base import Sampling
from slipway_runtime.engine.transformers.sampling import RowSampler, choose_all

CPU = torch.device("cpu")
LOGITS = torch.tensor([0.0, 3.0, 2.0, 1.0])


def sampler(prompt: tuple[int, ...] = (), ends: frozenset[int] = frozenset(), **options: object) -> RowSampler:
    return RowSampler(Sampling(max_tokens=8, **options), prompt, ends, CPU)  # type: ignore[arg-type]


def draw(one: RowSampler, count: int) -> list[int]:
    return [choose_all([one], LOGITS[None].clone())[0][0] for _ in range(count)]


def test_temperature_zero_takes_the_likeliest() -> None:
    assert draw(sampler(temperature=0), 5) == [1] * 5


def test_a_seed_gives_the_same_tokens_whoever_else_is_in_the_batch() -> None:
    alone = draw(sampler(seed=7), 20)
    one, other = sampler(seed=7), sampler(seed=8)
    together = [choose_all([other, one], LOGITS.repeat(2, 1))[0][1] for _ in range(20)]
    assert alone == together
    assert len(set(alone)) > 1


def test_top_k_and_top_p_leave_only_the_likely() -> None:
    assert set(draw(sampler(seed=1, top_k=2), 60)) == {1, 2}
    assert set(draw(sampler(seed=1, top_p=0.5), 60)) == {1}


def test_a_frequency_penalty_pushes_what_was_said() -> None:
    assert draw(sampler(temperature=0, frequency_penalty=0.8), 4) == [1, 1, 2, 1]


def test_a_presence_penalty_counts_once() -> None:
    assert draw(sampler(temperature=0, presence_penalty=1.5), 3) == [1, 2, 1]


def test_a_repetition_penalty_counts_the_prompt_too() -> None:
    assert draw(sampler((1,), temperature=0, repetition_penalty=2), 1) == [2]


def test_a_bias_decides() -> None:
    assert draw(sampler(temperature=0, logit_bias=((0, 50.0),)), 1) == [0]


def test_the_end_is_not_chosen_before_the_least_length() -> None:
    assert draw(sampler(ends=frozenset({1}), temperature=0, min_tokens=2), 3) == [2, 2, 1]


def test_log_probabilities_are_those_of_the_model_before_penalties() -> None:
    one = sampler(temperature=0, logprobs=2, logit_bias=((3, 50.0),))
    (token,), (report,) = choose_all([one], LOGITS[None].clone())
    assert token == 3
    assert report is not None
    expected = torch.log_softmax(LOGITS, dim=-1)
    assert abs(report.logprob - float(expected[3])) < 1e-6
    assert [token for token, _ in report.top] == [1, 2]


def test_a_row_that_leaves_no_token_ends_alone() -> None:
    lost, fine = sampler(seed=1, ends=frozenset({0, 1, 2, 3}), min_tokens=2), sampler(temperature=0)
    tokens, _ = choose_all([lost, fine], LOGITS.repeat(2, 1))
    assert "no token to choose from" in str(lost.failure)
    assert (tokens[1], fine.failure) == (1, None)


def test_a_temperature_too_small_to_divide_by_takes_the_likeliest() -> None:
    one = sampler(seed=1, temperature=1e-40)
    assert draw(one, 20) == [1] * 20
    assert one.failure is None


def test_a_token_that_the_model_does_not_have_ends_its_row_alone() -> None:
    one = sampler(seed=1, ends=frozenset({99}), min_tokens=1)
    choose_all([one], LOGITS[None].clone())
    assert isinstance(one.failure, IndexError)


def test_a_probability_of_zero_is_a_number() -> None:
    one = sampler(temperature=0, logprobs=4)
    _, (report,) = choose_all([one], torch.tensor([[0.0, -torch.inf]]))
    assert report is not None
    assert dict(report.top)[1] == -9999.0
