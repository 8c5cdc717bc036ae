"""Well-known image classifiers (`tf.keras.applications`). Each loads on first touch."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {
    "MobileNetV2": "functape.keras.applications.mobilenet_v2:MobileNetV2",
    "ResNet101": "functape.keras.applications.resnet:ResNet101",
    "ResNet101V2": "functape.keras.applications.resnet_v2:ResNet101V2",
    "ResNet152": "functape.keras.applications.resnet:ResNet152",
    "ResNet152V2": "functape.keras.applications.resnet_v2:ResNet152V2",
    "ResNet50": "functape.keras.applications.resnet:ResNet50",
    "ResNet50V2": "functape.keras.applications.resnet_v2:ResNet50V2",
    "VGG16": "functape.keras.applications.vgg16:VGG16",
    "VGG19": "functape.keras.applications.vgg19:VGG19",
    "imagenet_utils": "functape.keras.applications.imagenet_utils",
    "mobilenet_v2": "functape.keras.applications.mobilenet_v2",
    "resnet": "functape.keras.applications.resnet",
    "resnet50": "functape.keras.applications.resnet50",
    "resnet_v2": "functape.keras.applications.resnet_v2",
    "vgg16": "functape.keras.applications.vgg16",
    "vgg19": "functape.keras.applications.vgg19",
}
__getattr__ = lazy(__name__, _LAZY, list)
