namespace Attune.Tokenizers;

/// <summary>What the training of any kind of tokenizer is asked for.</summary>
public abstract record TokenizerTraining
{
    /// <summary>The greatest number of tokens, special ones included.</summary>
    public int VocabularySize { get; init; } = 30_000;

    /// <summary>How often something must occur to become a token.</summary>
    public int MinFrequency { get; init; } = 2;

    /// <summary>The greatest number of single characters; all that occur where null.</summary>
    public int? LimitAlphabet { get; init; }

    /// <summary>Tokens that get the first ids and are found in texts as they stand.</summary>
    public required IReadOnlyList<string> SpecialTokens { get; init; }
}

/// <summary>Training of a WordPiece tokenizer with BERT's pipeline.</summary>
public sealed record WordPieceTraining : TokenizerTraining
{
    /// <summary>BERT's special tokens.</summary>
    public static IReadOnlyList<string> BertTokens { get; } = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Whether texts become lower case.</summary>
    public bool Lowercase { get; init; } = true;

    /// <summary>Whether accents are stripped; as <see cref="Lowercase"/> where null.</summary>
    public bool? StripAccents { get; init; }
}

/// <summary>Training of a byte-level BPE tokenizer with GPT-2's pipeline; framed as RoBERTa does it where the special tokens are RoBERTa's.</summary>
public sealed record ByteLevelTraining : TokenizerTraining
{
    /// <summary>GPT-2's special token.</summary>
    public static IReadOnlyList<string> Gpt2Tokens { get; } = ["<|endoftext|>"];

    /// <summary>RoBERTa's special tokens.</summary>
    public static IReadOnlyList<string> RobertaTokens { get; } = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];

    /// <summary>Whether a text that does not begin with a space gets one.</summary>
    public bool AddPrefixSpace { get; init; }
}

/// <summary>Training of a character BPE tokenizer with an end-of-word mark, with the first GPT's pipeline.</summary>
public sealed record CharacterPairTraining : TokenizerTraining
{
    /// <summary>The first GPT's special token.</summary>
    public static IReadOnlyList<string> GptTokens { get; } = ["<unk>"];
}

/// <summary>Training of a tokenizer of whole words.</summary>
public sealed record WordLevelTraining : TokenizerTraining
{
    /// <summary>The token for unknown words and the one for padding.</summary>
    public static IReadOnlyList<string> UsualTokens { get; } = ["[UNK]", "[PAD]"];

    /// <summary>The special token for unknown words; must be one of the special tokens.</summary>
    public string UnknownToken { get; init; } = "[UNK]";

    /// <summary>Whether texts become lower case.</summary>
    public bool Lowercase { get; init; } = true;
}

/// <summary>Training of a unigram tokenizer with visible spaces, as T5 has it.</summary>
public sealed record UnigramTraining : TokenizerTraining
{
    /// <summary>T5's special tokens.</summary>
    public static IReadOnlyList<string> T5Tokens { get; } = ["<pad>", "</s>", "<unk>"];

    /// <summary>The special token for unknown characters; put first if it is not among the special tokens.</summary>
    public string UnknownToken { get; init; } = "<unk>";

    /// <summary>The longest token in code points.</summary>
    public int MaxPieceLength { get; init; } = 16;

    /// <summary>What part of the tokens survives a round of pruning, between 0 and 1.</summary>
    public double ShrinkingFactor { get; init; } = 0.75;
}
