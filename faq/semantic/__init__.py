"""The optional semantic stage: sentence embeddings as one more source of candidates and one more feature.

Off unless an office sets a model folder or an embeddings address. Everything here may be away at any moment: then
the lexical matching answers alone, as it does where the stage was never set up.
"""
