namespace Attune.Tokenizers;

/// <summary>The parallel lists of an <see cref="Encoding"/>, all of one length.</summary>
internal sealed record EncodingColumns(
    int[] Ids, int[] TypeIds, string[] Tokens, TextSpan[] Offsets, int?[] WordIds, int?[] SequenceIds, bool[] SpecialMask, bool[] AttentionMask)
{
    /// <summary>No tokens.</summary>
    public static EncodingColumns Empty { get; } = new([], [], [], [], [], [], [], []);

    /// <summary>The number of tokens.</summary>
    public int Length => Ids.Length;

    /// <summary>Tokens that stand for no text, such as special ones and padding.</summary>
    public static EncodingColumns Marks(ReadOnlySpan<int> ids, ReadOnlySpan<string> tokens, int typeId, bool attention) => new(
        ids.ToArray(), Filled(ids.Length, typeId), tokens.ToArray(), new TextSpan[ids.Length], new int?[ids.Length], new int?[ids.Length],
        Filled(ids.Length, true), Filled(ids.Length, attention));

    /// <summary>A stretch of the tokens.</summary>
    public EncodingColumns Slice(int start, int end)
    {
        var range = start..end;
        return new(Ids[range], TypeIds[range], Tokens[range], Offsets[range], WordIds[range], SequenceIds[range], SpecialMask[range], AttentionMask[range]);
    }

    /// <summary>These tokens and then others.</summary>
    public EncodingColumns Concat(EncodingColumns other)
    {
        if (Length == 0) return other;
        if (other.Length == 0) return this;
        return new(
            [.. Ids, .. other.Ids], [.. TypeIds, .. other.TypeIds], [.. Tokens, .. other.Tokens], [.. Offsets, .. other.Offsets],
            [.. WordIds, .. other.WordIds], [.. SequenceIds, .. other.SequenceIds], [.. SpecialMask, .. other.SpecialMask], [.. AttentionMask, .. other.AttentionMask]);
    }

    /// <summary>The same tokens in another segment.</summary>
    public EncodingColumns WithTypeId(int typeId) => this with { TypeIds = Filled(Length, typeId) };

    /// <summary>The same tokens as part of a sequence.</summary>
    public EncodingColumns WithSequenceId(int sequence) => this with { SequenceIds = Filled<int?>(Length, sequence) };

    private static T[] Filled<T>(int length, T value)
    {
        var array = new T[length];
        Array.Fill(array, value);
        return array;
    }
}
