using System.CommandLine;
using Attune.Cli.Shell;

namespace Attune.Cli.Commands;

/// <summary><c>attune pretrain</c>: learns from text without labels.</summary>
internal sealed class PretrainCommand : Verb
{
    private readonly RecipeRun run = new();
    private readonly TrainingOptions training = new();

    private readonly Option<string> text = new("--text")
    {
        Description = "A file or folder of text, or sdk-documentation for the documentation of the installed .NET SDK.",
        HelpName = "path",
        Required = true,
    };

    private readonly Option<string?> validation = new("--validation")
    {
        Description = "Text to check with. Default: the last tenth of --text.",
        HelpName = "path",
    };

    private readonly Option<string> objective = new("--objective")
    {
        Description = "What to learn; 'attune matrix' lists the objectives.",
        HelpName = "name",
        DefaultValueFactory = _ => "masked-lm",
    };

    private readonly Option<string?> model = new("--model")
    {
        Description = "A model folder, or the name of a pulled model, to go on from; without it a new model is made.",
        HelpName = "folder",
    };

    private readonly Option<string> family = new("--family")
    {
        Description = "The family of a new model; give its sizes as --set model.config.KEY=VALUE, in the keys of its config.json.",
        HelpName = "name",
        DefaultValueFactory = _ => "bert",
    };

    private readonly Option<string?> tokenizer = new("--tokenizer")
    {
        Description = "A tokenizer to use. Default: the model's, or a WordPiece one trained on the text.",
        HelpName = "path",
    };

    private readonly Option<int?> vocabulary = NumberOption.MakeOptional("--vocabulary", "The tokens of a trained tokenizer.", "count", 10, 10_000_000);

    /// <summary>Declares the verb.</summary>
    public PretrainCommand()
        : base(
            "pretrain",
            "Trains a model on text without labels, from scratch or from a model folder.",
            "attune pretrain --text books/ --set model.config.hidden_size=128 --set model.config.num_hidden_layers=2 --set model.config.num_attention_heads=2 --set model.config.intermediate_size=512 --set model.config.max_position_embeddings=128",
            "attune pretrain --text notes.txt --model models/bert --steps 500 --rate 1e-4 --out runs/notes",
            "attune pretrain --text notes.txt --model models/gpt2 --objective causal-lm --json")
    {
        foreach (Option option in (Option[])[text, validation, objective, model, family, tokenizer, vocabulary])
            Add(option);
        training.AddTo(this);
        run.AddTo(this);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        RecipeSettings recipe = new("pretrain");
        recipe.Text("data.text", invocation.Get(text));
        recipe.Text("data.validation", invocation.Get(validation));
        recipe.Text("objective.name", invocation.Get(objective));
        var start = invocation.Get(model) is { } given ? PulledFolder.Find(given) : null;
        recipe.Text("model.from", start);
        recipe.Text("model.family", start is null ? invocation.Get(family) : null);
        var vocabularyFrom = invocation.Get(tokenizer) ?? start;
        recipe.Text("tokenizer.from", vocabularyFrom);
        recipe.Text("tokenizer.train", vocabularyFrom is null ? "wordpiece" : null);
        recipe.Number("tokenizer.vocabulary", invocation.Get(vocabulary));
        training.Fill(invocation, recipe, "data.length");
        return run.Run(invocation, recipe.Make(run.Overrides(invocation)));
    }
}
