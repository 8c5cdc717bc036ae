"""Images under TensorFlow's names (`tf.image`)."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {
    name: f"functape.image.{module}:{name}"
    for module, names in {
        "_resizing": "ResizeMethod resize resize_with_pad",
        "_cropping": (
            "central_crop crop_and_resize crop_to_bounding_box extract_glimpse extract_patches pad_to_bounding_box "
            "random_crop resize_with_crop_or_pad stateless_random_crop"
        ),
        "_flipping": (
            "flip_left_right flip_up_down random_flip_left_right random_flip_up_down rot90 "
            "stateless_random_flip_left_right stateless_random_flip_up_down transpose"
        ),
        "_colours": (
            "convert_image_dtype grayscale_to_rgb hsv_to_rgb rgb_to_grayscale rgb_to_hsv rgb_to_yiq rgb_to_yuv "
            "yiq_to_rgb yuv_to_rgb"
        ),
        "_adjusting": (
            "adjust_brightness adjust_contrast adjust_gamma adjust_hue adjust_saturation per_image_standardization"
        ),
        "_random": (
            "random_brightness random_contrast random_hue random_jpeg_quality random_saturation "
            "stateless_random_brightness stateless_random_contrast stateless_random_hue "
            "stateless_random_jpeg_quality stateless_random_saturation"
        ),
        "_quality": "image_gradients psnr sobel_edges ssim ssim_multiscale total_variation",
        "_boxes": (
            "combined_non_max_suppression draw_bounding_boxes non_max_suppression non_max_suppression_overlaps "
            "non_max_suppression_padded non_max_suppression_with_scores"
        ),
        "_sampling": "sample_distorted_bounding_box stateless_sample_distorted_bounding_box",
        "_files": (
            "adjust_jpeg_quality decode_and_crop_jpeg decode_bmp decode_gif decode_image decode_jpeg decode_png "
            "decode_webp encode_jpeg encode_png extract_jpeg_shape is_jpeg"
        ),
    }.items()
    for name in names.split()
}

__all__ = sorted(_LAZY)
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
