using System.CommandLine;
using Attune.Cli.Shell;
using Attune.Recipes;

namespace Attune.Cli.Commands;

/// <summary><c>attune run RECIPE</c>: whatever a recipe file asks for.</summary>
internal sealed class RunCommand : Verb
{
    private readonly RecipeRun run = new();

    private readonly Argument<string> recipe = new("recipe")
    {
        Description = "A recipe file (YAML); its paths start in its own folder.",
    };

    /// <summary>Declares the verb.</summary>
    public RunCommand()
        : base(
            "run",
            "Trains what a recipe file asks for, once for each of its seeds. A key that is not known is an error that names the nearest.",
            "attune run recipes/shakespeare-char-gpt.yaml",
            "attune run recipes/pydoc-mlm-bert.yaml --set training.steps=200 --set seeds=[0] --out runs/short",
            "attune run recipes/trec6-minilm-finetune.yaml --json")
    {
        Add(recipe);
        run.AddTo(this);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation) =>
        run.Run(invocation, RecipeFile.Load(invocation.Get(recipe), run.Overrides(invocation)));
}
