namespace Attune.Tokenizers.Models;

/// <summary>What distinguishes the kinds of byte-pair encoding.</summary>
internal sealed record BpeOptions
{
    /// <summary>Stands for unknown characters; these vanish where null.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>Marks tokens that continue a word.</summary>
    public string? ContinuingSubwordPrefix { get; init; }

    /// <summary>Marks tokens that end a word.</summary>
    public string? EndOfWordSuffix { get; init; }

    /// <summary>Whether neighbouring unknown characters are one token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether unknown characters are spelled as bytes (<c>&lt;0xE2&gt;</c>), where the vocabulary has those.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a piece that is a token as a whole is that token, whatever the merges say.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>The probability of leaving a merge out in training; kept for the file, never applied here.</summary>
    public double? Dropout { get; init; }
}
