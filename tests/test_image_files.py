"""Image files of `tf.image` against TensorFlow: what is read, what is written, what is refused."""

from __future__ import annotations

import functools
import io
from typing import Any

import numpy as np
import pytest
import tensorflow
from _sampling import sampled
from image_cases import case, numbered, picture
from oracle import Case, check, check_raises, each
from PIL import Image

import functape


@functools.cache
def photograph(height: int = 47, width: int = 61, channels: int = 3, seed: int = 0) -> Any:
    """Something smooth with edges in it."""
    steps = np.random.default_rng(seed).normal(size=(height, width, channels))
    smooth = np.clip(np.cumsum(np.cumsum(steps, 0), 1) * 2 + 128, 0, 255)
    smooth[height // 3 :, width // 2 :] = 255 - smooth[height // 3 :, width // 2 :]
    return smooth.astype(np.uint8)


def saved(pixels: Any, kind: str, mode: str | None = None, **options: Any) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels.squeeze())
    if mode == "P":
        image = image.quantize(40)
    elif mode:
        image = image.convert(mode)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def wide_png(channels: int) -> bytes:
    pixels = picture(9, 7, channels, dtype=np.uint16)
    return tensorflow.io.encode_png(pixels).numpy()  # type: ignore[no-any-return]


def animation(kind: str, **options: Any) -> bytes:
    frames = [Image.fromarray(np.roll(photograph(), step, 1)) for step in (0, 5, 9)]
    if kind == "GIF":
        frames = [frame.quantize(60) for frame in frames]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], **options)


def webp(mode: str) -> bytes:
    return saved(np.dstack([photograph(), photograph(channels=1)]), "WEBP", mode, lossless=True)


ACCURATE = {"dct_method": "INTEGER_ACCURATE"}
PNGS = {mode: saved(photograph(), "PNG", mode) for mode in ("L", "LA", "RGB", "RGBA", "P", "1")}
WIDE = {channels: wide_png(channels) for channels in (1, 2, 3, 4)}
JPEGS = {
    **{f"sampled {each}": saved(photograph(), "JPEG", quality=90, subsampling=each) for each in (0, 1, 2)},
    "grey": saved(photograph(channels=1), "JPEG"),
    "progressive": saved(photograph(seed=1), "JPEG", progressive=True),
}
BMPS = {mode: saved(photograph(), "BMP", mode) for mode in ("L", "RGB", "RGBA", "P")}
PHOTO, GIF = JPEGS["sampled 2"], animation("GIF")
READING = [
    *(case(f"decode_png {mode}", file, channels=n, dtype=dtype) for mode, file in PNGS.items() for n in (0, 1, 3, 4)
      for dtype in ("uint8", "uint16") if (mode, n) != ("1", 4)),
    *(case(f"decode_png wide {given}", file, channels=n, dtype=dtype) for given, file in WIDE.items()
      for n in (0, 1, 3, 4) for dtype in ("uint8", "uint16")),
    *(case(f"decode_jpeg {kind}", file, channels=n, ratio=ratio, **ACCURATE) for kind, file in JPEGS.items()
      for n in (0, 1, 3) for ratio in (1, 2, 4, 8)),
    case("decode_jpeg unsmoothed", JPEGS["sampled 0"], fancy_upscaling=False, **ACCURATE),
    case("decode_jpeg unsmoothed grey", JPEGS["grey"], fancy_upscaling=False, **ACCURATE),
    case("decode_jpeg of PNG", PNGS["RGB"]),
    *(case("decode_and_crop_jpeg", PHOTO, window, **ACCURATE) for window in ([5, 7, 20, 30], [0, 0, 47, 61])),
    *(case("extract_jpeg_shape", JPEGS[kind], output_type="int64") for kind in ("grey", "progressive")),
    case("extract_jpeg_shape", PHOTO),
    *(case("is_jpeg", given) for given in (PHOTO, b"a", b"", [PHOTO, b"abcdef"], [[b"\xff\xd8\xff"]])),
    *(case(f"decode_bmp {mode}", file, channels=n) for mode, file in BMPS.items() for n in (0, 3, 4)),
    case("decode_gif", GIF),
    case("decode_gif of PNG", PNGS["RGB"]),
    *(case(f"decode_image {kind}", file, channels=n, dtype=dtype)
      for kind, file in (("gif", GIF), ("png", PNGS["RGB"]), ("wide", WIDE[3]), ("bmp", BMPS["RGB"]))
      for n in (None, 3) for dtype in ("uint8", "uint16", "float32", "float64", "float16", "int32", "uint32")),
    case("decode_image still", GIF, expand_animations=False),
    *(case(f"decode_webp {mode}", webp(mode)) for mode in ("RGB", "RGBA")),
    case("decode_image webp", webp("RGB")),
]  # fmt: skip
COLOURS, GREY = photograph(), photograph(channels=1)
OPTIONS: list[dict[str, Any]] = [
    {}, {"quality": 50}, {"quality": 0}, {"quality": 100}, {"chroma_downsampling": False}, {"progressive": True},
    {"optimize_size": True}, {"format": "rgb"}, {"density_unit": "cm", "x_density": 10, "y_density": 20},
    {"xmp_metadata": "<x>text</x>"},
]  # fmt: skip
WRITING = [
    *(case("encode_jpeg", COLOURS, **options) for options in OPTIONS),
    case("encode_jpeg grey", GREY, format="grayscale"),
]


def written_and_read(name: str, pixels: Any, **options: Any) -> Case:
    """PNG files differ from library to library, but not what is in them."""

    def function(tf: Any, pixels: Any) -> Any:
        made = tf.image.encode_png(pixels, **options)
        files = np.asarray(made.numpy()).reshape(-1)
        return made.shape.as_list(), [tensorflow.io.decode_png(each, dtype=pixels.dtype.name).numpy() for each in files]

    return Case(f"encode_png {name}", function, (pixels,), 0)


PNG_WRITING = [
    *(written_and_read(f"uint8 {channels}", picture(5, 6, channels, dtype=np.uint8)) for channels in (1, 2, 3, 4)),
    *(written_and_read(f"uint16 {channels}", picture(5, 6, channels, dtype=np.uint16)) for channels in (1, 2, 3, 4)),
    *(written_and_read(f"compression {level}", COLOURS, compression=level) for level in (0, 9)),
    written_and_read("batch", picture(2, 3, 4, 5, 3, dtype=np.uint8)),
]  # fmt: skip
QUALITIES = [
    case(
        f"adjust_jpeg_quality {name} {np.dtype(dtype).name} {quality}",
        pixels.astype(dtype) / scale if scale else pixels,
        quality,
    )
    for name, pixels in (("colours", COLOURS), ("grey", GREY))
    for dtype, scale in ((np.uint8, 0), (np.float32, np.float32(255)))
    for quality in (20, 90)
]
CASES = numbered([*READING, *WRITING, *PNG_WRITING, *QUALITIES])
EXACT = numbered([*READING, *WRITING, *PNG_WRITING])


@each(sampled("image files", EXACT, 90))
def test_as_tensorflow(case: Case) -> None:
    check(case)


@each(QUALITIES)
def test_adjust_jpeg_quality(case: Case) -> None:
    """TensorFlow decodes with another transform, a few levels off."""
    theirs, ours = (case.function(tf, *map(tf.constant, case.inputs)).numpy() for tf in (tensorflow, functape))
    assert ours.dtype == theirs.dtype
    levels = 255 if ours.dtype == np.float32 else 1
    assert np.abs(ours.astype(float) - theirs).max() * levels <= 6
    damage = np.abs(ours.astype(float) - case.inputs[0]).max() * levels
    assert damage > 6, "the tolerance would not tell the image from itself"


RAISES = numbered(
    [
        *(case("decode_jpeg", given) for given in (b"abc", b"", PHOTO[:400], [PHOTO, PHOTO], 3, BMPS["RGB"], GIF)),
        *(case("decode_jpeg", PHOTO, channels=n) for n in (2, 4)),
        case("decode_jpeg", PHOTO, ratio=3),
        case("decode_jpeg", PHOTO, dct_method="FLOAT"),
        *(case("decode_and_crop_jpeg", PHOTO, window) for window in ([5, 7, 200, 3], [5, 7, 20], [-5, 7, 20, 3])),
        case("extract_jpeg_shape", b"abc"),
        case("extract_jpeg_shape", PHOTO, output_type="float32"),
        *(case("decode_png", given) for given in (b"\x89PNGabc", PNGS["RGB"][:300], b"abc")),
        case("decode_png", PNGS["RGB"], dtype="float32"),
        case("decode_png", PNGS["RGB"], channels=2),
        *(case("decode_gif", given) for given in (b"GIF89abc", b"abc")),
        *(case("decode_bmp", given) for given in (b"BMabc", b"abc", BMPS["RGB"][:300])),
        case("decode_bmp", BMPS["RGB"], channels=1),
        case("decode_webp", webp("RGB"), channels=1),
        case("decode_webp", webp("RGB"), channels=4),
        case("decode_image", GIF, channels=1),
        case("decode_image", PHOTO, channels=4),
        case("decode_image", PHOTO, dtype="bool"),
        case("encode_jpeg", COLOURS.astype(np.float32)),
        *(case("encode_jpeg", given) for given in (COLOURS[..., :2], COLOURS[0], COLOURS[None])),
        *(
            case("encode_jpeg", COLOURS, **{k: v})
            for k, v in (("quality", 101), ("format", "grayscale"), ("format", "x"))
        ),
        case("encode_jpeg", COLOURS, density_unit="mm"),
        *(
            case("encode_png", given)
            for given in (COLOURS.astype(np.float32), COLOURS[0], picture(3, 4, 5, dtype=np.uint8))
        ),
        case("encode_png", COLOURS, compression=11),
        case("adjust_jpeg_quality", COLOURS, 101),
        case("adjust_jpeg_quality", COLOURS[..., :2], 50),
    ]
)


@each(RAISES)
def test_errors(case: Case) -> None:
    check_raises(case)


def test_the_default_transform_is_a_few_levels_away() -> None:
    theirs = tensorflow.image.decode_jpeg(PHOTO).numpy().astype(int)
    assert 0 < np.abs(functape.image.decode_jpeg(PHOTO).numpy() - theirs).max() <= 4


def test_a_truncated_file_is_recovered_on_demand() -> None:
    whole, half = functape.image.decode_jpeg(PHOTO).numpy(), PHOTO[: len(PHOTO) * 4 // 5]
    found = functape.image.decode_jpeg(half, try_recover_truncated=True).numpy()
    assert found.shape == whole.shape
    np.testing.assert_array_equal(found[:8], whole[:8])
    with pytest.raises(functape.errors.InvalidArgumentError):
        functape.image.decode_jpeg(half)


@pytest.mark.parametrize("arguments", [{"fancy_upscaling": False}, {"acceptable_fraction": 0.5}], ids=str)
def test_what_pillow_cannot_do_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(functape.errors.UnimplementedError):
        functape.image.decode_jpeg(PHOTO, **arguments)


def test_a_moving_webp_file_has_all_its_frames() -> None:
    """TensorFlow's own decoder corrupts its memory here."""
    found = functape.image.decode_webp(animation("WEBP", lossless=True)).numpy()
    expected = np.stack([np.roll(photograph(), step, 1) for step in (0, 5, 9)])
    np.testing.assert_array_equal(found[..., :3], expected)
    assert (found[..., 3] == 255).all()


def test_files_in_a_dataset(tmp_path: Any) -> None:
    names = []
    for number in range(3):
        names.append(str(tmp_path / f"{number}.png"))
        with open(names[-1], "wb") as file:
            file.write(saved(photograph(20 + number, 30, seed=number), "PNG"))

    def run(tf: Any) -> list[Any]:
        def load(file: Any) -> Any:
            image = tf.image.decode_png(file, channels=3)
            return tf.image.resize(tf.image.convert_image_dtype(image, tf.float32), [8, 8])

        contents = []
        for name in names:
            with open(name, "rb") as file:
                contents.append(file.read())
        return [batch.numpy() for batch in tf.data.Dataset.from_tensor_slices(contents).map(load).batch(2)]

    for ours, theirs in zip(run(functape), run(tensorflow), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
