"""The features by name, in the order of their columns. All lie around 0…1."""

NAMES = (
    "bias",
    "cover_pairs",  # question covered by pairs of the phrasing
    "cover_units",
    "cover_soft",  # best of pair, unit (half), sound (0.7)
    "cover_sounds",
    "cover_lent",  # best of soft and lexicon
    "cover_answer_pairs",
    "cover_answer_units",
    "cover_answer_lent",
    "cover_all",  # phrasing, lexicon and answer together
    "cover_all_pairs",
    "gap_phrasing",  # rarest unit that the phrasing leaves out
    "gap_all",  # rarest unit that phrasing and answer leave out
    "lent_phrasing",  # strongest lent wording found in the phrasing
    "lent_answer",
    "lent_sum",
    "back_pairs",  # phrasing covered by the question
    "back_units",
    "back_sounds",
    "back_lent",
    "bm25_phrasing",
    "bm25_answer",
    "ratio_canon",
    "ratio_raw",
    "partial_canon",
    "longest_run",
    "numbers_shared",
    "numbers_missing",
    "negation_differs",
    "intent_shared",
    "intent_differs",
    "length_ratio",
    "same_canon",
    "latin_shared",
    "spelling",
    "concepts",  # share of the woken lexicon rows that phrasing or answer fulfil
    "concepts_phrasing",
    "concept_gap",  # strongest woken row that neither fulfils
    "topic_phrasing",  # cosine of topics, question against phrasing
    "topic_all",  # … against phrasing and answer together
    "matter_phrasing",  # the question's units that belong to a topic or to the lexicon, covered by the phrasing
    "matter_all",
    "matter_gap",  # rarest of them left out by both
    "phrasing_length",
    "answer_length",
)  # fmt: skip
COUNT = len(NAMES)
#: Columns of `Compared.mass`.
MASSES = 3
