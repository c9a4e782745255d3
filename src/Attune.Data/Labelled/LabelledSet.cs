namespace Attune.Data.Labelled;

/// <summary>Labelled texts with the names of their classes.</summary>
/// <param name="Rows">The rows, in order.</param>
/// <param name="Labels">The classes; empty for a regression.</param>
public sealed record LabelledSet(IReadOnlyList<LabelledText> Rows, LabelSet Labels)
{
    /// <summary>How many rows each class has.</summary>
    public int[] CountByLabel()
    {
        int[] counts = new int[Labels.Count];
        foreach (LabelledText row in Rows)
        {
            if (row.Label >= 0) counts[row.Label]++;
        }
        return counts;
    }
}
