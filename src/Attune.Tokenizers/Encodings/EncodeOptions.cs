namespace Attune.Tokenizers;

/// <summary>What an encoding should look like.</summary>
public sealed record EncodeOptions
{
    /// <summary>Whether the tokens that mark a text's ends are added.</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>How long texts are cut; not at all where null.</summary>
    public Truncation? Truncation { get; init; }

    /// <summary>How short encodings are filled, after truncation; not at all where null.</summary>
    public Padding? Padding { get; init; }
}
