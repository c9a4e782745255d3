namespace Attune.Quickstart;

/// <summary>What a quickstart is told.</summary>
public sealed record QuickstartOptions
{
    /// <summary>The folder that everything goes to. A run that was cut off goes on from there.</summary>
    public required string Folder { get; init; }

    /// <summary>Scales the number of updates: about how long the run takes on two cores.</summary>
    public double Minutes { get; init; } = 4;

    /// <summary>The seed: the same one gives the same numbers.</summary>
    public ulong Seed { get; init; }

    /// <summary>A file or folder of text to learn from; null for the documentation of the installed .NET SDK.</summary>
    public string? Text { get; init; }

    /// <summary>How many times both models are fine-tuned, each time with another seed.</summary>
    public int Repetitions { get; init; } = 3;
}
