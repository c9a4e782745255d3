namespace Attune.Tokenizers;

/// <summary>The parallel lists of an <see cref="Encoding"/>, all of one length.</summary>
internal sealed record EncodingColumns(
    int[] Ids, int[] TypeIds, string[] Tokens, TextSpan[] Offsets, int?[] WordIds, int?[] SequenceIds, bool[] SpecialMask, bool[] AttentionMask)
{
    public static EncodingColumns Empty { get; } = new([], [], [], [], [], [], [], []);
}
