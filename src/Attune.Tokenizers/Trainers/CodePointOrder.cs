namespace Attune.Tokenizers.Trainers;

/// <summary>Compares texts by their code points, as UTF-8 bytes compare; UTF-16 units do not.</summary>
internal sealed class CodePointOrder : IComparer<string>
{
    /// <summary>The only instance.</summary>
    public static CodePointOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null) return string.CompareOrdinal(x, y);
        var common = x.AsSpan().CommonPrefixLength(y);
        if (common == x.Length || common == y.Length) return x.Length.CompareTo(y.Length);
        var (a, b) = (x[common], y[common]);
        // Surrogates stand for code points above all others.
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a.CompareTo(b) : char.IsSurrogate(a) ? 1 : -1;
    }
}
