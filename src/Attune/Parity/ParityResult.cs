namespace Attune.Parity;

/// <summary>How a golden case ended.</summary>
public enum ParityStatus
{
    /// <summary>Every number agrees within the case's tolerances.</summary>
    Passed,

    /// <summary>A number differs, the case could not be run, or its files are faulty.</summary>
    Failed,

    /// <summary>The case is of a family, operation or layout that is not known (yet); it says nothing about parity.</summary>
    Unknown,
}

/// <summary>What became of one golden case.</summary>
/// <param name="Case">The case's folder (or file) below the folder that was run, with <c>/</c> between the names.</param>
/// <param name="Layout">What kind of case it was taken for, such as <c>model</c> or <c>operation</c>.</param>
/// <param name="Status">How it ended.</param>
public sealed record ParityResult(string Case, string Layout, ParityStatus Status)
{
    /// <summary>The family, operation or tokenizer that the case is about; null if it names none.</summary>
    public string? Subject { get; init; }

    /// <summary>How far the outputs are off; null if there were none to compare.</summary>
    public ParityMeasure? Outputs { get; init; }

    /// <summary>How far the gradients are off; null if there were none to compare.</summary>
    public ParityMeasure? Gradients { get; init; }

    /// <summary>How far the losses and parameters of the optimizer's steps are off; null if there were none to compare.</summary>
    public ParityMeasure? Steps { get; init; }

    /// <summary>How many vectors that must be equal were compared (tokenizer lines, counts), and how many were not equal.</summary>
    public ParityLines? Lines { get; init; }

    /// <summary>Why the case failed or is not known; what the first difference is. Empty if it passed.</summary>
    public string Message { get; init; } = "";

    /// <summary>The largest share of the allowed error over all kinds of numbers; 0 if none were compared.</summary>
    public double Share => Math.Max(Outputs?.Share ?? 0, Math.Max(Gradients?.Share ?? 0, Steps?.Share ?? 0));
}

/// <summary>How far the tensors of one kind are off.</summary>
/// <param name="Error">
/// The largest scaled error, <c>max|a - b| / max(max|b|, 0.01)</c>, of the tensors that stand under the kind's tolerance (absolute
/// where the case says so; tensors with a looser limit of their own are left out). Infinite if a shape or an infinity differs.
/// </param>
/// <param name="Share">The largest error as a share of what is allowed, over all tensors: at most 1 passes.</param>
/// <param name="Worst">The tensor with that share.</param>
/// <param name="Tensors">How many tensors were compared.</param>
public sealed record ParityMeasure(double Error, double Share, string Worst, int Tensors);

/// <summary>A tally of vectors that must be equal.</summary>
/// <param name="Total">How many were compared.</param>
/// <param name="Wrong">How many were not equal.</param>
public sealed record ParityLines(int Total, int Wrong);
