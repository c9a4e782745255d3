namespace Attune.Hub;

/// <summary>A model could not be fetched. What had already come is kept, and the next attempt goes on from there.</summary>
public sealed class HubException : IOException
{
    /// <summary>Describes the failure.</summary>
    /// <param name="message">What was asked for, what came, and what to do.</param>
    /// <param name="inner">What revealed it.</param>
    public HubException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>Whether what was asked for is at fault (no such model, no permission, no such file) and not the way to it.</summary>
    public bool IsRefusal { get; init; }
}
