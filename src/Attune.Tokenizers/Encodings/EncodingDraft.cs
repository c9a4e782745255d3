namespace Attune.Tokenizers;

/// <summary>An encoding in the making: its tokens and the windows that truncation cut off.</summary>
internal sealed record EncodingDraft(EncodingColumns Columns, IReadOnlyList<EncodingColumns> Overflow)
{
    public EncodingDraft(EncodingColumns columns)
        : this(columns, [])
    {
    }

    /// <summary>Changes the tokens and each cut-off window alike.</summary>
    public EncodingDraft Select(Func<EncodingColumns, EncodingColumns> change) => new(change(Columns), [.. Overflow.Select(change)]);

    /// <summary>Puts drafts one behind the other; windows of one combine with the tokens and windows of the others.</summary>
    public static EncodingDraft Merge(IEnumerable<EncodingDraft> drafts)
    {
        var merged = new EncodingDraft(EncodingColumns.Empty);
        foreach (var draft in drafts) merged = merged.Concat(draft);
        return merged;
    }

    /// <summary>The finished encoding.</summary>
    public Encoding Finish() => new(Columns, [.. Overflow.Select(o => new Encoding(o, []))]);

    private EncodingDraft Concat(EncodingDraft other)
    {
        var overflow = new List<EncodingColumns>();
        foreach (var window in Overflow)
        {
            overflow.Add(window.Concat(other.Columns));
            overflow.AddRange(other.Overflow.Select(window.Concat));
        }

        overflow.AddRange(other.Overflow.Select(Columns.Concat));
        return new EncodingDraft(Columns.Concat(other.Columns), overflow);
    }
}
