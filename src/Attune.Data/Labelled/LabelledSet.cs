using Attune.Data.Sampling;

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

    /// <summary>
    /// Holds rows out by a hash of their text, so that the split never moves, does not depend on the order of the rows, and has the
    /// same text on one side only.
    /// </summary>
    /// <param name="share">The share of rows to hold out, about.</param>
    public (LabelledSet Train, LabelledSet HeldOut) HoldOut(double share)
    {
        ILookup<bool, LabelledText> sides = Rows.ToLookup(row => StableHash.Fraction(row.Text) < share);
        return (this with { Rows = [.. sides[false]] }, this with { Rows = [.. sides[true]] });
    }
}
