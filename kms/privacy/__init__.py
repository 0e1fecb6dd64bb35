"""Masking of personal data in what people type and say. Pure: text in, text out."""

from kms.privacy.kinds import KIND_LABELS, Kind
from kms.privacy.masking import Finding, Masked, mask, mask_text

__all__ = ["KIND_LABELS", "Finding", "Kind", "Masked", "mask", "mask_text"]
