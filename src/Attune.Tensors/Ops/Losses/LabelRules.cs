namespace Attune.Tensors.Ops;

/// <summary>What losses over labels share.</summary>
internal static unsafe class LabelRules
{
    /// <summary>Checks labels and smoothing; returns how many rows count.</summary>
    public static int Check(string operation, ReadOnlySpan<int> labels, int rows, int classes, int ignore, float smoothing)
    {
        if (labels.Length != rows)
            throw new ArgumentException($"{operation}: {rows} rows need {rows} labels; {labels.Length} were given.", nameof(labels));
        if (!(smoothing >= 0 && smoothing <= 1))
            throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, $"{operation}: label smoothing must be from 0 to 1.");
        int counted = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            if (labels[row] == ignore)
                continue;
            if ((uint)labels[row] >= (uint)classes)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(labels), labels[row],
                    $"{operation}: the label of row {row} must be 0..{classes - 1} for {classes} classes, or {ignore} to be ignored.");
            }
            counted++;
        }
        return counted;
    }

    /// <summary>The sum of the rows' losses, in the order of the rows.</summary>
    public static double Total(float* losses, int rows)
    {
        double total = 0;
        for (int row = 0; row < rows; row++)
            total += losses[row];
        return total;
    }
}
