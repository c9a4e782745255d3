using System.Security.Cryptography;
using Attune.Tokenizers;

namespace Attune.Recipes;

/// <summary>Tells tokenizers apart by what they do, so that a cache made with another one is noticed.</summary>
internal static class TokenizerFingerprint
{
    /// <summary>A hash of the tokenizer's own file.</summary>
    public static string Fingerprint(this Tokenizer tokenizer)
    {
        using var json = new MemoryStream();
        tokenizer.Write(json);
        return Convert.ToHexStringLower(SHA256.HashData(json.GetBuffer().AsSpan(0, (int)json.Length)));
    }
}
