namespace Attune.Tokenizers.Loading;

/// <summary>How much is accepted from a tokenizer's files.</summary>
internal static class TokenizerFileLimits
{
    /// <summary>The largest file, in bytes; the largest published one has about 40 MB.</summary>
    public const int MaxBytes = 256 << 20;

    /// <summary>The deepest nesting of JSON.</summary>
    public const int MaxDepth = 64;
}
