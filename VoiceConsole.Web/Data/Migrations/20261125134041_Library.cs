using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace VoiceConsole.Web.Data.Migrations
{
    /// <inheritdoc />
    public partial class Library : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "DeletedAt",
                table: "Conversations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Rating",
                table: "Conversations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "SearchKey",
                table: "Conversations",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "Settings",
                columns: table => new
                {
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    Value = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Settings", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "Tags",
                columns: table => new
                {
                    ConversationId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Tag = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Tags", x => new { x.ConversationId, x.Tag });
                    table.ForeignKey(
                        name: "FK_Tags_Conversations_ConversationId",
                        column: x => x.ConversationId,
                        principalTable: "Conversations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            // Any that are distinct will do for those that are there.
            migrationBuilder.Sql("UPDATE Conversations SET SearchKey = rowid");

            migrationBuilder.CreateIndex(
                name: "IX_Turns_ConversationId_Outcome",
                table: "Turns",
                columns: new[] { "ConversationId", "Outcome" });

            migrationBuilder.CreateIndex(
                name: "IX_Conversations_DeletedAt_StartedAt_SearchKey_Id",
                table: "Conversations",
                columns: new[] { "DeletedAt", "StartedAt", "SearchKey", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Conversations_SearchKey",
                table: "Conversations",
                column: "SearchKey",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Tags_Tag",
                table: "Tags",
                column: "Tag");

            // Holds no text of its own; what is in it is made by WordIndex, also for the turns that are already there.
            migrationBuilder.Sql("CREATE VIRTUAL TABLE TurnWords USING fts5(User, Reply, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2')");
            migrationBuilder.Sql("""
                CREATE TRIGGER TurnWordsOfDeleted AFTER DELETE ON Conversations
                BEGIN DELETE FROM TurnWords WHERE rowid >= old.SearchKey * 16777216 AND rowid < (old.SearchKey + 1) * 16777216; END
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER TurnWordsOfDeleted");
            migrationBuilder.Sql("DROP TABLE TurnWords");

            migrationBuilder.DropTable(
                name: "Settings");

            migrationBuilder.DropTable(
                name: "Tags");

            migrationBuilder.DropIndex(
                name: "IX_Turns_ConversationId_Outcome",
                table: "Turns");

            migrationBuilder.DropIndex(
                name: "IX_Conversations_DeletedAt_StartedAt_SearchKey_Id",
                table: "Conversations");

            migrationBuilder.DropIndex(
                name: "IX_Conversations_SearchKey",
                table: "Conversations");

            migrationBuilder.DropColumn(
                name: "DeletedAt",
                table: "Conversations");

            migrationBuilder.DropColumn(
                name: "Rating",
                table: "Conversations");

            migrationBuilder.DropColumn(
                name: "SearchKey",
                table: "Conversations");
        }
    }
}
