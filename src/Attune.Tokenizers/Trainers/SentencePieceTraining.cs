namespace Attune.Tokenizers;

/// <summary>The kinds of SentencePiece models.</summary>
public enum SentencePieceKind
{
    /// <summary>A unigram language model (Kudo, https://arxiv.org/abs/1804.10959).</summary>
    Unigram = 1,

    /// <summary>Byte-pair encoding over characters (Sennrich et al., https://arxiv.org/abs/1508.07909).</summary>
    Bpe = 2,
}

/// <summary>
/// Training of a SentencePiece model (Kudo and Richardson, https://arxiv.org/abs/1808.06226) by SentencePiece's own trainers, whose
/// options and defaults these are.
/// </summary>
public sealed record SentencePieceTraining
{
    /// <summary>The kind of model.</summary>
    public SentencePieceKind Kind { get; init; } = SentencePieceKind.Unigram;

    /// <summary>The number of pieces, reserved ones included.</summary>
    public int VocabularySize { get; init; } = 8000;

    /// <summary>Whether it is an error if the texts do not give that many pieces; otherwise the model gets fewer.</summary>
    public bool HardVocabularyLimit { get; init; } = true;

    /// <summary>What part of all characters must be covered by pieces, 0.98 to 1; the rarest others become unknown.</summary>
    public float CharacterCoverage { get; init; } = 0.9995f;

    /// <summary>Characters that get a piece however rare they are.</summary>
    public string RequiredCharacters { get; init; } = "";

    /// <summary>
    /// The normalization rules: <c>nmt_nfkc</c>, <c>nfkc</c>, either with <c>_cf</c> for case folding, or <c>identity</c>.
    /// </summary>
    public string NormalizationRule { get; init; } = "nmt_nfkc";

    /// <summary>Whether texts get a space before them (behind them, where spaces end words).</summary>
    public bool AddDummyPrefix { get; init; } = true;

    /// <summary>Whether leading, trailing and repeated spaces vanish.</summary>
    public bool RemoveExtraSpaces { get; init; } = true;

    /// <summary>Whether spaces end words instead of beginning them.</summary>
    public bool SpaceAsSuffix { get; init; }

    /// <summary>Whether no piece reaches across a space.</summary>
    public bool SplitBySpace { get; init; } = true;

    /// <summary>Whether no piece mixes scripts of Unicode; Japanese syllabaries count as Chinese characters.</summary>
    public bool SplitByScript { get; init; } = true;

    /// <summary>Whether digits count as a script of their own.</summary>
    public bool SplitByNumber { get; init; } = true;

    /// <summary>Whether every digit is a piece by itself.</summary>
    public bool SplitDigits { get; init; }

    /// <summary>Whether pieces of nothing but spaces may be learned.</summary>
    public bool AllowSpaceOnlyPieces { get; init; }

    /// <summary>A text that cuts words beforehand: no piece reaches across it. Empty for none.</summary>
    public string Delimiter { get; init; } = "";

    /// <summary>The longest piece in code points, 1 to 512.</summary>
    public int MaxPieceLength { get; init; } = 16;

    /// <summary>Whether unknown characters are spelled as bytes, which become pieces.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Pieces without a text of their own, never found in texts.</summary>
    public IReadOnlyList<string> ControlSymbols { get; init; } = [];

    /// <summary>Texts that are always a piece by themselves.</summary>
    public IReadOnlyList<string> UserDefinedSymbols { get; init; } = [];

    /// <summary>The piece for unknown text, and its id.</summary>
    public ReservedPiece Unknown { get; init; } = new("<unk>", 0);

    /// <summary>The piece before a text; none where its id is negative.</summary>
    public ReservedPiece Begin { get; init; } = new("<s>", 1);

    /// <summary>The piece behind a text; none where its id is negative.</summary>
    public ReservedPiece End { get; init; } = new("</s>", 2);

    /// <summary>The piece for padding; none where its id is negative.</summary>
    public ReservedPiece Padding { get; init; } = new("<pad>", -1);

    /// <summary>Longer texts are left out, in bytes of UTF-8, from 10.</summary>
    public int MaxSentenceLength { get; init; } = 4192;

    /// <summary>How many texts are read, above 100; all of them where 0.</summary>
    public int InputSentenceSize { get; init; }

    /// <summary>Whether, where there are more texts than are read, a random choice is taken (the same every time) and not the first ones.</summary>
    public bool ShuffleInput { get; init; } = true;

    /// <summary>How many substrings unigram training starts from.</summary>
    public int SeedSize { get; init; } = 1_000_000;

    /// <summary>What part of the pieces survives a round of unigram training's pruning, 0.5 to 0.95.</summary>
    public float ShrinkingFactor { get; init; } = 0.75f;

    /// <summary>Rounds of estimation between prunings, 1 to 10.</summary>
    public int SubIterations { get; init; } = 2;

    /// <summary>
    /// Over how many threads SentencePiece would share the sentences, 1 to 1024. Its sums are rounded share by share, so the last digits
    /// of unigram scores go by this number; they do not go by the threads that really run.
    /// </summary>
    public int Shares { get; init; } = 16;
}

/// <summary>A piece that a SentencePiece model reserves.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Id">Its id; negative if there is none.</param>
public sealed record ReservedPiece(string Text, int Id);
