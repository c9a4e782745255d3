namespace Attune.Quickstart;

/// <summary>What a quickstart found.</summary>
public sealed record QuickstartResult
{
    /// <summary>What was read.</summary>
    public required string Text { get; init; }

    /// <summary>What the classes mean.</summary>
    public required string Question { get; init; }

    /// <summary>The names of the classes.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Tokens of the training text.</summary>
    public required long TrainingTokens { get; init; }

    /// <summary>The number of parameters of the pre-trained model.</summary>
    public required long Parameters { get; init; }

    /// <summary>The updates of pre-training.</summary>
    public required long PretrainingSteps { get; init; }

    /// <summary>The loss of knowing only how often each token occurs.</summary>
    public required double UnigramLoss { get; init; }

    /// <summary>The validation loss by step.</summary>
    public required IReadOnlyList<(long Step, double Loss)> ValidationLosses { get; init; }

    /// <summary>Each fine-tuning of the pre-trained model.</summary>
    public required IReadOnlyList<FineTuning> Pretrained { get; init; }

    /// <summary>Each fine-tuning of its twin that was not pre-trained.</summary>
    public required IReadOnlyList<FineTuning> Fresh { get; init; }

    /// <summary>Tokens that pre-training read in a second; of this process only, if the run was resumed.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>The largest memory of the process, in bytes.</summary>
    public required long PeakMemory { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>A sentence with a hole and what the model put there.</summary>
    public required FilledMask Filled { get; init; }

    /// <summary>Sentences that were held out, and what the model says of them.</summary>
    public required IReadOnlyList<ClassifiedSentence> Classified { get; init; }

    /// <summary>The validation loss at the end of pre-training.</summary>
    public double ValidationLoss => ValidationLosses[^1].Loss;

    /// <summary>What the reader should know before judging the comparison; null if pre-training was long enough to learn more than frequencies.</summary>
    public string? Caution => ValidationLoss < UnigramLoss
        ? null
        : "So short a pre-training has learned no more than how often tokens occur, which cannot help the fine-tuning. Give it more --minutes.";
}

/// <summary>One fine-tuning.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Accuracy">The share of held-out sentences it classifies rightly, at the end.</param>
/// <param name="AccuracyByStep">The same after each epoch.</param>
public sealed record FineTuning(ulong Seed, double Accuracy, IReadOnlyList<(long Step, double Accuracy)> AccuracyByStep);

/// <summary>A sentence whose hole was filled.</summary>
/// <param name="Sentence">The sentence with its mask.</param>
/// <param name="Hidden">The word that stood there.</param>
/// <param name="Candidates">What the model would put there, the most probable first.</param>
public sealed record FilledMask(string Sentence, string Hidden, IReadOnlyList<(string Token, double Probability)> Candidates);

/// <summary>A sentence and its class.</summary>
/// <param name="Sentence">The sentence.</param>
/// <param name="Class">The class it has.</param>
/// <param name="Answer">The class the model gives it.</param>
/// <param name="Probability">How sure the model is.</param>
public sealed record ClassifiedSentence(string Sentence, string Class, string Answer, double Probability);
