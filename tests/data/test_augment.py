"""Recipes are functions of their seed; mixtures share labels by area; nothing else is touched."""

import numpy as np
import pytest
import torch

from animestudy.data import augment
from animestudy.errors import StudyError

SIZE = 31  # odd on purpose


@pytest.fixture(scope="module")
def batch():
    y, x = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    one = torch.stack([8 * x, 8 * y, 4 * (x + y)]).to(torch.uint8)  # smooth, so that every operation shows
    noise = torch.randint(
        0, 40, (6, 3, SIZE, SIZE), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    return (one // 2 + noise).clamp(0, 255).to(torch.uint8)


@pytest.mark.parametrize("name", augment.RECIPES)
def test_a_recipe_depends_on_its_seed_alone(name, batch):
    kept = batch.clone()
    torch.manual_seed(1)
    first = augment.recipe(name, SIZE)(batch, 7)
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = augment.recipe(name, SIZE)(batch, 7)
    assert torch.equal(first, second)
    assert torch.equal(state, torch.get_rng_state())
    assert torch.equal(batch, kept)
    assert name == "none" or not torch.equal(first, augment.recipe(name, SIZE)(batch, 8))


@pytest.mark.parametrize("name", augment.RECIPES)
@pytest.mark.parametrize("shape", [(31, 31), (33, 45)])
def test_recipes_return_pictures_of_the_asked_size(name, shape, batch):
    pictures = torch.nn.functional.interpolate(batch.float(), shape).to(torch.uint8)
    changed = augment.recipe(name, 25)(pictures, 0)
    assert changed.shape == (6, 3, 25, 25) and changed.dtype == torch.uint8


@pytest.mark.parametrize("name", [name for name in augment.RECIPES if name != "none"])
def test_equal_pictures_get_different_draws(name, batch):
    copies = batch[:1].expand(8, -1, -1, -1)
    changed = augment.recipe(name, SIZE)(copies, 0)
    assert len({one.numpy().tobytes() for one in changed}) >= 7


def test_none_is_the_identity(batch):
    assert torch.equal(augment.recipe("none", SIZE)(batch, 3), batch)


def test_safe_keeps_hue_and_colour_does_not(batch):
    def chroma(pictures):  # colour relative to brightness, of the whole picture
        mean = pictures.double().mean((2, 3))
        return mean / mean.sum(1, keepdim=True)

    tinted = batch.clone()
    tinted[:, 2] //= 3
    drift = {
        name: (chroma(augment.recipe(name, SIZE)(tinted, 0)) - chroma(tinted)).abs().mean()
        for name in ("safe", "colour")
    }
    assert drift["safe"] < 0.03 < 0.05 < drift["colour"]


def test_only_cutmix_changes_labels():
    assert [name for name in augment.RECIPES if augment.mixing(name, 5)] == ["cutmix"]


def test_labels_of_cutmix_are_area_shares():
    """Pictures of one constant value each: the shares can be counted."""
    values = torch.arange(1, 9, dtype=torch.uint8)
    pictures = values[:, None, None, None].expand(8, 3, SIZE, SIZE).contiguous()
    mix = augment.mixing("cutmix", 8)
    shares = []
    for seed in range(20):
        mixed, targets = mix(pictures, torch.arange(8), seed)
        assert mixed.dtype == torch.uint8 and targets.shape == (8, 8)
        for picture, target in zip(mixed, targets, strict=True):
            counted = torch.stack([(picture[0] == value).float().mean() for value in values])
            torch.testing.assert_close(target, counted)
        shares.append(float(targets.max()))
    again = mix(pictures, torch.arange(8), 3)
    assert torch.equal(again[0], mix(pictures, torch.arange(8), 3)[0])
    assert len(set(np.round(shares, 3))) > 10  # the size of the box is drawn anew for each seed


@pytest.mark.parametrize("name", [*augment.OPERATIONS, "safe", "cutmix"])
def test_operations_change_the_picture_and_keep_its_shape(name, batch):
    changed, _ = augment.apply(name, batch, 0)
    assert changed.shape == batch.shape and changed.dtype == torch.uint8
    assert not torch.equal(changed, batch)
    assert torch.equal(changed, augment.apply(name, batch, 0)[0])


@pytest.mark.parametrize("name", [*augment.OPERATIONS, "safe", "colour"])
def test_masks_move_with_the_picture_where_the_frame_changes(name, batch):
    """A picture that is bright exactly in its mask: the moved mask must still cover the bright pixels."""
    masks = torch.zeros(6, SIZE, SIZE, dtype=torch.bool)
    masks[:, 6:15, 4:13] = True
    pictures = torch.where(masks[:, None], 250, 5).expand(6, 3, SIZE, SIZE).to(torch.uint8)
    changed, moved = augment.apply(name, pictures, 1, masks)
    assert moved.shape == masks.shape and moved.dtype == torch.bool
    if name in augment.OPERATIONS and augment.OPERATIONS[name].kind != "frame":
        assert torch.equal(moved, masks)
        return
    assert not torch.equal(moved, masks)
    assert ((changed[:, 0] > 127) == moved).float().mean() > 0.97


def test_wrong_names_are_one_clear_line(batch):
    with pytest.raises(StudyError, match="'mild' is unknown; choose one of none, safe, colour, auto, cutmix"):
        augment.recipe("mild", 32)
    with pytest.raises(StudyError, match="choose one of none"):
        augment.mixing("mild", 3)
    with pytest.raises(StudyError, match="operation 'sepia' is unknown"):
        augment.apply("sepia", batch, 0)


def test_none_leaves_pictures_and_masks(batch):
    masks = batch[:, 0] > 100
    changed, moved = augment.apply("none", batch, 0, masks)
    assert torch.equal(changed, batch) and torch.equal(moved, masks)
