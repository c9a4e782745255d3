namespace Attune.Tokenizers.Trainers;

/// <summary>What byte-pair training is asked for.</summary>
internal sealed record PairTrainerOptions
{
    /// <summary>The greatest number of tokens, special ones included.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Pairs that occur less often are never merged.</summary>
    public long MinFrequency { get; init; }

    /// <summary>The greatest number of single characters; all of them where null.</summary>
    public int? LimitAlphabet { get; init; }

    /// <summary>Characters that are tokens whether or not the texts have them.</summary>
    public IEnumerable<string> InitialAlphabet { get; init; } = [];

    /// <summary>Tokens that come first and are never learned.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>Marks characters that continue a word.</summary>
    public string ContinuingPrefix { get; init; } = "";

    /// <summary>Marks characters that end a word.</summary>
    public string EndSuffix { get; init; } = "";

    /// <summary>Merged tokens stay below this number of characters, but for pairs of single characters; any length where null.</summary>
    public int? MaxTokenLength { get; init; }
}

/// <summary>What byte-pair training gives.</summary>
/// <param name="Tokens">The tokens in order of ids.</param>
/// <param name="Merges">The merges in the order they were learned, each with the pair's count at that time.</param>
internal sealed record PairTrainerResult(IReadOnlyList<string> Tokens, IReadOnlyList<(string Left, string Right, long Count)> Merges);
