"""Writes the parts of both SDKs that follow from the OpenAPI document: one intermediate form, two emitters."""
