namespace Attune.Tokenizers;

/// <summary>Fills encodings up to a length.</summary>
internal static class Padder
{
    /// <summary>Fills an encoding and its cut-off windows.</summary>
    public static EncodingDraft Apply(EncodingDraft draft, Padding padding)
    {
        var length = padding.Length ?? draft.Columns.Length;
        if (padding.MultipleOf is > 0 and var multiple && length % multiple != 0) length += multiple - (length % multiple);
        return draft.Select(columns => Fill(columns, length, padding));
    }

    private static EncodingColumns Fill(EncodingColumns columns, int length, Padding padding)
    {
        var missing = length - columns.Length;
        if (missing <= 0) return columns;
        var ids = new int[missing];
        var tokens = new string[missing];
        Array.Fill(ids, padding.Id);
        Array.Fill(tokens, padding.Token);
        var marks = EncodingColumns.Marks(ids, tokens, padding.TypeId, attention: false);
        return padding.Side == SequenceSide.Left ? marks.Concat(columns) : columns.Concat(marks);
    }
}
