using Attune.Nn.Contracts;

namespace Attune.Nn.OutputHeads;

/// <summary>Finds the rows of a batch that have a label, so that all others cost nothing.</summary>
internal static class LabelledRows
{
    public static (int[] Rows, int[] Labels) Of(ReadOnlySpan<int> labels)
    {
        int count = labels.Length - labels.Count(Labels.Ignore);
        int[] rows = new int[count];
        int[] kept = new int[count];
        int next = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            if (labels[row] == Labels.Ignore)
                continue;
            rows[next] = row;
            kept[next++] = labels[row];
        }
        return (rows, kept);
    }
}
