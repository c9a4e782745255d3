namespace Attune.Tokenizers;

/// <summary>A stretch of the original text.</summary>
/// <param name="Start">Its first Unicode code point, counted from 0.</param>
/// <param name="End">The code point after its last.</param>
public readonly record struct TextSpan(int Start, int End)
{
    /// <summary>Its length in code points.</summary>
    public int Length => End - Start;
}
