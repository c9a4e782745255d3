namespace Attune.Inference.Generation;

/// <summary>When a beam search ends before the length does.</summary>
public enum EarlyStopping
{
    /// <summary>When there are as many finished sequences as beams and the best unfinished one, as long as it is now, scores no better.</summary>
    WhenUnlikely,

    /// <summary>As soon as there are as many finished sequences as beams.</summary>
    WhenFull,

    /// <summary>Only when the best unfinished sequence could not score better at any length.</summary>
    Never,
}
