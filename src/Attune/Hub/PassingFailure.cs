namespace Attune.Hub;

/// <summary>A failure after which it is worth trying again.</summary>
internal sealed class PassingFailure(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the server asks to be left alone.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Whether something came before it.</summary>
    public bool CameForward { get; init; }
}
