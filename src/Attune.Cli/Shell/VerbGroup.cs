using System.CommandLine;

namespace Attune.Cli.Shell;

/// <summary>A word that only gathers verbs (<c>tokenizer train|encode|decode</c>).</summary>
internal sealed class VerbGroup : Command
{
    /// <summary>Gathers verbs under a name.</summary>
    public VerbGroup(string name, string description, params ReadOnlySpan<Verb> verbs)
        : base(name, description)
    {
        foreach (var verb in verbs)
            Add(verb);
    }
}
